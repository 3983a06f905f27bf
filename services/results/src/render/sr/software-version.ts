/** SoftwareVersions (0018,1020) and Implementation Version Name of what Axial writes. */
export const SOFTWARE_VERSION = "AXIAL_0_1";
