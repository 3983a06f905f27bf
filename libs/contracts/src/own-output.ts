/**
 * How Axial marks its own output to recognise it later (invariant 11): every DICOM object that it
 * makes carries this Manufacturer (0008,0070) and this Implementation Class UID (0002,0012).
 */
export const OWN_MANUFACTURER = "Axial";
export const OWN_IMPLEMENTATION_CLASS_UID = "2.25.219735906348826014310270925105113741213";

/**
 * Implementation Class UID (0002,0012) of files that Axial writes of what others made: decompressed
 * on retrieval, or received by C-STORE. They are not Axial's output.
 */
export const COPYING_IMPLEMENTATION_CLASS_UID = "2.25.106172489950270133385310219270316422371";
