import { hash } from "node:crypto";
import type { BlobStore } from "@axial/blobs";
import { AxialError, type BlobKey } from "@axial/contracts";

/**
 * A result of 100,000 slices with eight labels is 20 MB, its input as large, and its heat maps of
 * 7 × 7 are 6 MB.
 */
export const MAX_RESULT_BYTES = 64 << 20;

/**
 * The bytes of a blob of a task (its input, result or heat maps), verified against its key. Reads
 * no more than the limit: a larger blob was not written by us. Rejects with `blob-missing` or
 * `blob-corrupt`.
 */
export async function readResultBytes(
  blobs: Pick<BlobStore, "getStream">,
  key: BlobKey,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of (await blobs.getStream(key)) as AsyncIterable<Uint8Array>) {
    total += part.length;
    if (total > MAX_RESULT_BYTES) {
      throw new AxialError("blob-corrupt", { detail: "the blob is too large" });
    }
    parts.push(part);
  }
  const bytes = Buffer.concat(parts, total);
  if (hash("sha256", bytes) !== key) throw new AxialError("blob-corrupt");
  return bytes;
}
