/** Statuses of DIMSE services: PS3.7 annex C, PS3.4 table B.2-1. */
export const Status = {
  success: 0x0000,
  cannotUnderstand: 0xc000,
  outOfResources: 0xa700,
  otherSopClass: 0xa900,
  sopClassNotSupported: 0x0122,
  invalidInstance: 0x0117,
  notAuthorized: 0x0124,
  processingFailure: 0x0110,
  noSuchAction: 0x0123,
  invalidArgument: 0x0115,
  unrecognizedOperation: 0x0211,
} as const;

/** How an operation ended. Statuses are 16 bits; the comment is LO, 64 characters at most. */
export interface Outcome {
  readonly status: number;
  readonly comment?: string;
}
