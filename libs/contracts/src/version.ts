/** Of every process of this release; the same as in the packages. */
export const AXIAL_VERSION = "0.1.0";
