import type { AxialError, ErrorCode } from "@axial/contracts";
import { type Outcome, Status } from "./status.ts";

/**
 * Status of a C-STORE response by our code: PS3.4 table B.2-1, PS3.7 annex C. What is not here failed
 * in processing (0110). docs/CONFORMANCE.md lists them, from here.
 */
export const STORE_STATUSES: Partial<Record<ErrorCode, number>> = {
  "not-dicom": Status.cannotUnderstand,
  "malformed-dicom": Status.cannotUnderstand,
  "missing-identifiers": 0xc001,
  "truncated-data-set": 0xc002,
  "truncated-pixel-data": 0xc002,
  "limit-exceeded": 0xc003,
  "study-mismatch": 0xa901,
  "sop-class-mismatch": Status.otherSopClass,
  "sop-instance-mismatch": Status.invalidInstance,
  "instance-conflict": 0xc00e,
  "unsupported-transfer-syntax": 0xc122,
  "payload-too-large": Status.outOfResources,
  "quota-exceeded": Status.outOfResources,
  "rate-limited": 0xa702,
  "too-busy": 0xa702,
  unavailable: 0xa701,
  forbidden: Status.notAuthorized,
};

/** The status that the peer gets for an instance that was not stored. */
export function failedOutcome({ code }: Pick<AxialError, "code">): Outcome {
  return { status: STORE_STATUSES[code] ?? Status.processingFailure, comment: code };
}
