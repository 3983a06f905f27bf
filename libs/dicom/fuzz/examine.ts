import { AxialError, type ErrorCode } from "@axial/contracts";
import { decodeFrame, instanceFacts, readInstance, toDicomJson } from "../src/index.ts";

/** What damaged bytes may be refused with; anything else thrown is a finding. */
const REFUSALS: readonly ErrorCode[] = [
  "not-dicom",
  "malformed-dicom",
  "missing-identifiers",
  "no-pixel-data",
  "truncated-pixel-data",
  "undecodable",
  "unsupported-transfer-syntax",
  "unsupported-pixel-format",
  "limit-exceeded",
];

const PREFIX_BYTES = 2_048;

/** Reads and decodes `bytes` in every way there is; how that ended, or the finding it throws. */
export async function examine(bytes: Buffer): Promise<string> {
  const instance = refusal(() => readInstance(bytes));
  refusal(() => readInstance(bytes.subarray(0, PREFIX_BYTES), { untilPixelData: true }));
  if (typeof instance === "string") return instance;
  refusal(() => toDicomJson(instance, { bulkDataUri: (tag) => tag }));
  const facts = refusal(() => instanceFacts(instance));
  const last = typeof facts === "string" ? 0 : Math.max(0, facts.frames - 1);
  const first = await decodeRefusal(decodeFrame(instance, 0));
  if (last > 0) await decodeRefusal(decodeFrame(instance, last));
  return first;
}

function refusal<T>(read: () => T): T | ErrorCode {
  try {
    return read();
  } catch (thrown) {
    return codeOf(thrown);
  }
}

async function decodeRefusal(frame: Promise<unknown>): Promise<string> {
  try {
    await frame;
    return "decoded";
  } catch (thrown) {
    return codeOf(thrown);
  }
}

function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof AxialError && REFUSALS.includes(thrown.code)) return thrown.code;
  throw thrown;
}
