import { AxialError, asAxialError } from "@axial/contracts";
import type { TenantDeidentifier } from "../deidentify/tenant-deidentifiers.ts";
import { gather } from "./gather.ts";
import { MAX_DEIDENTIFIED_BYTES } from "./limits.ts";
import { examined, type PartReading, type ReadPart, readPart } from "./read-part.ts";

/** Larger files go through the store's stream, in pieces of this. */
const PIECE_BYTES = 1024 * 1024;
/** The beginning of a file that is read as its header: four times what the largest ones have. */
const HEAD_BYTES = 4 * 1024 * 1024;

/**
 * Receives a part into memory and reads what is left of it once its patient is removed: the
 * original is written nowhere. Damage and what cannot be de-identified are outcomes.
 */
export async function deidentifyPart(
  body: AsyncIterable<Buffer>,
  deidentifier: TenantDeidentifier,
  reading: PartReading,
): Promise<ReadPart> {
  const bytes = await gather(body);
  if (bytes === null) {
    const detail = `limit: ${MAX_DEIDENTIFIED_BYTES} bytes to be de-identified`;
    return { status: "failed", name: null, error: new AxialError("payload-too-large", { detail }) };
  }
  const original = await examined({ bytes, complete: true }, reading);
  if (original.status === "failed") return original;
  try {
    return await deidentifier.deidentify(bytes, (file) => {
      reading.budget.spend(Math.max(0, file.length - bytes.length));
      return readDeidentified(file, reading);
    });
  } catch (thrown) {
    const error = asAxialError(thrown, "malformed-dicom");
    return { status: "failed", name: original.instance.facts, error };
  }
}

/** What is large is in the store when this resolves, and its memory free. */
function readDeidentified(file: Buffer, reading: PartReading): Promise<ReadPart> {
  if (file.length <= HEAD_BYTES) return examined({ bytes: file, complete: true }, reading);
  const rest = pieces(file.subarray(HEAD_BYTES));
  return readPart({ bytes: file.subarray(0, HEAD_BYTES), rest }, reading);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
