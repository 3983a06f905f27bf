import { AxialError, asAxialError } from "@axial/contracts";
import type { Deidentifier } from "@axial/deidentification";
import { readQuickly } from "@axial/dicom";
import { MAX_DEIDENTIFIED_BYTES } from "./limits.ts";
import { examined, type PartReading, type ReadPart } from "./read-part.ts";

/**
 * Receives a part into memory and reads what is left of it once its patient is removed: the
 * original is written nowhere. Damage and what cannot be de-identified are outcomes.
 */
export async function deidentifyPart(
  body: AsyncIterable<Buffer>,
  deidentifier: Deidentifier,
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
    const file = await deidentified(bytes, deidentifier);
    return await examined({ bytes: file, complete: true }, reading);
  } catch (thrown) {
    const error = asAxialError(thrown, "malformed-dicom");
    return { status: "failed", name: original.instance.facts, error };
  }
}

/**
 * The file without its patient. Throws `limit-exceeded` for one whose header would hold up the event
 * loop, every deflated one among them, and what de-identification throws.
 */
export function deidentified(bytes: Buffer, deidentifier: Deidentifier): Promise<Buffer> {
  const instance = readQuickly(bytes);
  if (instance !== null) return deidentifier.deidentify(instance);
  throw new AxialError("limit-exceeded", { detail: "its header is too large to be de-identified" });
}

/** All of the body, or null when it is too large: then it is read past. */
async function gather(body: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // The reader may use the memory of a chunk again.
    if (length <= MAX_DEIDENTIFIED_BYTES) chunks.push(Buffer.from(chunk));
    else chunks.length = 0;
  }
  return length > MAX_DEIDENTIFIED_BYTES ? null : Buffer.concat(chunks);
}
