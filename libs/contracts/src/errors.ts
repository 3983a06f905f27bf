/**
 * The catalogue of all reportable errors. The `code` is stable: callers, dashboards and tests rely
 * on it. Whether a retry can help is a field (`retryable`), never a guess from the text.
 */
interface ErrorEntry {
  /** HTTP status when the error reaches a caller of the JSON API. */
  readonly status: number;
  readonly retryable: boolean;
  /** What happened, without patient data. */
  readonly title: string;
  /** What to do about it. */
  readonly action: string;
}

const entry = (status: number, retryable: boolean, title: string, action: string): ErrorEntry => ({
  status,
  retryable,
  title,
  action,
});

export const ERROR_CATALOGUE = {
  unauthenticated: entry(
    401,
    false,
    "No valid API key was sent.",
    "Send `Authorization: Bearer KEY`.",
  ),
  forbidden: entry(
    403,
    false,
    "The key's role does not allow this.",
    "Use a key with a higher role.",
  ),
  "not-found": entry(
    404,
    false,
    "It does not exist here.",
    "Check the identifier and the key's tenant.",
  ),
  "method-not-allowed": entry(405, false, "The resource does not take this method.", "See /docs."),
  "not-acceptable": entry(
    406,
    false,
    "None of the accepted media types can be produced.",
    "Accept application/dicom+json or what /docs names.",
  ),
  conflict: entry(
    409,
    false,
    "The resource's state does not allow this.",
    "Get the resource again, then decide.",
  ),
  "unsupported-media-type": entry(
    415,
    false,
    "The Content-Type is not supported.",
    'Send multipart/related; type="application/dicom" or application/dicom.',
  ),
  "payload-too-large": entry(
    413,
    false,
    "The body is larger than the limit.",
    "Split the request; the limit is in the detail.",
  ),
  "invalid-request": entry(
    400,
    false,
    "The request is not well formed.",
    "See the detail and /docs.",
  ),
  "invalid-multipart": entry(
    400,
    false,
    "The multipart body is not well formed.",
    "Send a boundary parameter, and end the last part with it.",
  ),
  "model-not-found": entry(404, false, "No such model is installed.", "See GET /api/v1/models."),
  "package-missing": entry(
    503,
    true,
    "The results service lacks the package of the task's model.",
    "Install the package there too; the task is tried again.",
  ),
  "rate-limited": entry(
    429,
    true,
    "More than the tenant's quota for a time, or wrong keys one after another; nothing was accepted.",
    "Try again after Retry-After seconds.",
  ),
  "quota-exceeded": entry(
    403,
    false,
    "The tenant's quota is used up; nothing was accepted.",
    "Make room or ask the operator; GET /api/v1/tenants/{id} shows what is used.",
  ),
  "too-busy": entry(
    503,
    true,
    "A high-water mark is exceeded; nothing was accepted.",
    "Try again after Retry-After seconds.",
  ),
  unavailable: entry(
    503,
    true,
    "The database or the blob store does not answer; nothing was acknowledged.",
    "Try again after Retry-After seconds; sending twice is harmless.",
  ),
  internal: entry(
    500,
    true,
    "The service failed.",
    "Try again; if it persists, tell the operator the request id.",
  ),

  "not-dicom": entry(
    400,
    false,
    "The bytes are not a DICOM file.",
    "Send PS3.10 files (DICM at offset 128).",
  ),
  "malformed-dicom": entry(400, false, "The DICOM file is damaged.", "Export the instance again."),
  "missing-identifiers": entry(
    400,
    false,
    "Study, series or SOP instance UID is missing or not a UID.",
    "Repair the instance at its source.",
  ),
  "study-mismatch": entry(
    409,
    false,
    "The instance belongs to a study other than the one in the path.",
    "Post it to its own study.",
  ),
  "sop-class-mismatch": entry(
    409,
    false,
    "The data set is of another SOP class than the command that brings it.",
    "Repair the sender: both name the same SOP class.",
  ),
  "sop-instance-mismatch": entry(
    409,
    false,
    "The data set is of another SOP instance than the command that brings it.",
    "Repair the sender: both name the same SOP instance.",
  ),
  "instance-conflict": entry(
    409,
    false,
    "A different instance with the same UID is already stored.",
    "Give changed objects a new SOP Instance UID.",
  ),
  "burned-in-annotation": entry(
    422,
    false,
    "The pixels may show the patient, and no rule says where.",
    "Add a rule for images of this kind, or state Burned In Annotation NO.",
  ),
  "own-output": entry(
    409,
    false,
    "The object was made by Axial and is never its input.",
    "Exclude Axial's series from routing.",
  ),

  "no-pixel-data": entry(422, false, "The instance holds no pixel data.", "Send image instances."),
  "truncated-data-set": entry(
    422,
    false,
    "The file ends inside its header, before its image.",
    "Export the instance again.",
  ),
  "truncated-pixel-data": entry(
    422,
    false,
    "The pixel data is shorter than the header says.",
    "Export the instance again.",
  ),
  undecodable: entry(
    422,
    false,
    "The pixel data could not be decoded.",
    "Export the instance uncompressed or with another transfer syntax.",
  ),
  "unsupported-transfer-syntax": entry(
    422,
    false,
    "The transfer syntax cannot be decoded.",
    "See docs/CONFORMANCE.md for those that can.",
  ),
  "unsupported-pixel-format": entry(
    422,
    false,
    "The pixel format cannot be turned into model input.",
    "See docs/CONFORMANCE.md for those that can.",
  ),
  "limit-exceeded": entry(
    422,
    false,
    "A limit on untrusted input was exceeded.",
    "The limit is in the detail.",
  ),
  "out-of-domain": entry(
    422,
    false,
    "The images are unlike those that the model was trained on.",
    "Send them to a model for such images; the distance and its threshold are in the facts.",
  ),
  "decode-timeout": entry(
    422,
    false,
    "Decoding took longer than its limit and was stopped.",
    "Export the instance with another transfer syntax.",
  ),

  "invalid-model": entry(
    422,
    false,
    "The model package is not valid.",
    "Run `axial models verify` and repair what it names.",
  ),
  "golden-mismatch": entry(
    503,
    false,
    "The model does not reproduce its golden outputs on this machine.",
    "Run `axial models verify`; reinstall the package.",
  ),
  "provider-fallback": entry(
    503,
    false,
    "The worker was told to use a device but runs on the CPU.",
    "Run `axial doctor` on the worker; check driver and libraries.",
  ),

  "blob-missing": entry(
    500,
    true,
    "A blob that the work needs is not in the store.",
    "Check the blob store; restore it from backup.",
  ),
  "blob-corrupt": entry(
    500,
    true,
    "A blob's bytes do not match their checksum.",
    "Check the blob store's disk; restore it from backup.",
  ),
  "result-mismatch": entry(
    500,
    true,
    "A result does not fit its task or the installed package.",
    "See which worker wrote it, and whether it runs the installed version and package.",
  ),
  "engine-crashed": entry(
    500,
    true,
    "The engine process died while it held the task.",
    "It is retried; see `axial dlq` if it dies again.",
  ),
  "engine-hung": entry(
    500,
    true,
    "The engine process did not answer and was killed.",
    "It is retried; see `axial dlq` if it hangs again.",
  ),
  "out-of-memory": entry(
    500,
    true,
    "The device had no memory for the batch.",
    "It is retried in smaller batches.",
  ),
  "inference-failed": entry(
    500,
    true,
    "The inference runtime failed.",
    "It is retried; see `axial dlq` if it fails again.",
  ),
  "storage-unavailable": entry(
    503,
    true,
    "The blob store cannot be read or written.",
    "Check its disk or its address; the task is retried automatically.",
  ),
  "worker-lost": entry(
    500,
    true,
    "Several workers died, one after another, while they held the task.",
    "It is retried; see `axial dlq` if it happens again.",
  ),
  "queue-lost": entry(
    500,
    true,
    "The queue lost the job.",
    "It is dispatched again automatically.",
  ),
  "deadline-exceeded": entry(
    500,
    true,
    "The task was in one state for too long.",
    "It is dispatched again automatically.",
  ),
  withdrawn: entry(
    409,
    true,
    "The task was withdrawn while a worker had it: its study was cancelled or planned again.",
    "Nothing to do; a newer run of the study, if any, has the results.",
  ),
  "peer-unreachable": entry(
    502,
    true,
    "The other system cannot be reached.",
    "Check its address, port and firewall; the operation is retried.",
  ),
  "peer-rejected": entry(
    502,
    false,
    "The other system rejected the association.",
    "Register Axial's AE title there, and check the AE title that is called.",
  ),
  "peer-refused": entry(
    502,
    false,
    "The other system refused the operation.",
    "See the detail and the other system's log.",
  ),
  "shutting-down": entry(
    503,
    true,
    "The service is shutting down.",
    "Try again; another replica will take it.",
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

interface AxialErrorOptions {
  /** Specifics of this case: limits, expected and found values. Never patient data. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** When the caller may try again. */
  readonly retryAfterSeconds?: number;
}

/** The one error of Axial. Branch on `code`, never on `instanceof` across a process boundary. */
export class AxialError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: AxialErrorOptions = {}) {
    super(options.detail ?? ERROR_CATALOGUE[code].title, { cause: options.cause });
    this.name = "AxialError";
    this.code = code;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }

  toJSON(): Failure {
    return { code: this.code, ...(this.detail === undefined ? {} : { detail: this.detail }) };
  }
}

/** How an error crosses a process boundary. */
export interface Failure {
  readonly code: ErrorCode;
  readonly detail?: string;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CATALOGUE, value);
}

/** Anything thrown as an AxialError. Other values become `fallback` with the original as cause. */
export function asAxialError(thrown: unknown, fallback: ErrorCode = "internal"): AxialError {
  return thrown instanceof AxialError ? thrown : new AxialError(fallback, { cause: thrown });
}
