import { OWN_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import dimse from "dcmjs-dimse";
import { MAX_PDU_BYTES } from "./limits.ts";

/** The first sixteen characters of name and version (PS3.7 D.3.3.2.3). */
export const IMPLEMENTATION_VERSION = "AXIAL_0_1";

// The library would print data sets; what goes wrong reaches the caller as an event.
dimse.log.setLevel("silent");
dimse.Implementation.setImplementationClassUid(OWN_IMPLEMENTATION_CLASS_UID);
dimse.Implementation.setImplementationVersion(IMPLEMENTATION_VERSION);
dimse.Implementation.setMaxPduLength(MAX_PDU_BYTES);

/** `dcmjs-dimse`, named and silenced. */
export { dimse };
