import type { ErrorCode } from "@axial/contracts";

/**
 * FailureReason (0008,1197) by our code: PS3.18 Table I.2-2, and codes of our own from the ranges
 * that it leaves to implementations. docs/CONFORMANCE.md lists them.
 */
const FAILURE_REASONS: Partial<Record<ErrorCode, number>> = {
  /** C000: cannot understand. */
  "not-dicom": 0xc000,
  "malformed-dicom": 0xc000,
  "missing-identifiers": 0xc001,
  "truncated-data-set": 0xc002,
  "truncated-pixel-data": 0xc002,
  "limit-exceeded": 0xc003,
  "invalid-multipart": 0xc004,
  "study-mismatch": 0xa901,
  "instance-conflict": 0xb00e,
  "unsupported-transfer-syntax": 0xc122,
  /** A700: out of resources. */
  "payload-too-large": 0xa700,
  "quota-exceeded": 0xa700,
  unavailable: 0xa701,
};

const PROCESSING_FAILURE = 0x0110;

export function failureReason(code: ErrorCode): number {
  return FAILURE_REASONS[code] ?? PROCESSING_FAILURE;
}
