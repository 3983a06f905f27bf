import { Type } from "typebox";

/** Where DICOMweb is mounted; a second mount for each lane takes uploads only. */
export const DICOMWEB = "/dicom-web";

/** Media type of the DICOM JSON model (PS3.18 annex F). */
export const DICOM_JSON = "application/dicom+json";

/** A DICOM UID (PS3.5 chapter 9): digits and dots, 64 characters at most. */
export const UidSchema = Type.String({ pattern: "^[0-9.]{1,64}$" });
