import type { EventEmitter } from "node:events";
import { OWN_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import dimse, { type Scp } from "dcmjs-dimse";
import { MAX_PDU_BYTES } from "./limits.ts";

/** The first sixteen characters of name and version (PS3.7 D.3.3.2.3). */
export const IMPLEMENTATION_VERSION = "AXIAL_0_1";

// The library would print data sets; what goes wrong reaches the caller as an event.
dimse.log.setLevel("silent");
dimse.Implementation.setImplementationClassUid(OWN_IMPLEMENTATION_CLASS_UID);
dimse.Implementation.setImplementationVersion(IMPLEMENTATION_VERSION);
dimse.Implementation.setMaxPduLength(MAX_PDU_BYTES);

/** What the library does with a connection; a socket is one, and so is `PduSocket`. */
interface Connection extends EventEmitter {
  setTimeout(milliseconds: number): unknown;
  write(bytes: Uint8Array): boolean;
}

interface Timeouts {
  readonly associationTimeout: number;
  readonly pduTimeout: number;
}

/** The library sees no PDU while a data set goes past it: `PeerClock` does it instead. */
export const NO_TIMEOUTS: Timeouts = { associationTimeout: Infinity, pduTimeout: Infinity };

declare class AssociationOverConnection extends Scp {
  constructor(connection: Connection, timeouts: Timeouts);
}

/** The library's association over any connection; either side may be the requestor. */
export const LibraryAssociation: typeof AssociationOverConnection = dimse.Scp;

/** `dcmjs-dimse`, named and silenced. */
export { dimse };
