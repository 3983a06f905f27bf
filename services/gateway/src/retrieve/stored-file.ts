import type { BlobKey } from "@axial/contracts";
import { type DicomInstance, readInstance, transferSyntaxOf } from "@axial/dicom";
import type { BlobStore, StoredInstance } from "@axial/store";
import { HEADER_BYTES, WHOLE_FILE_BYTES } from "./limits.ts";
import { sliceOf } from "./streams.ts";

/**
 * The header of a stored file. Small files are read whole; of larger ones as much as their header
 * needs, so that what is held does not grow with the pixels.
 */
export async function readHeader(
  blobs: BlobStore,
  { blob, bytes, transferSyntax }: StoredInstance,
): Promise<DicomInstance> {
  const whole = bytes <= WHOLE_FILE_BYTES || transferSyntaxOf(transferSyntax).deflated;
  for (let length = HEADER_BYTES; !whole && length < bytes; length *= 4) {
    const prefix = await readPrefix(blobs, blob, length);
    const instance = readInstance(prefix, { untilPixelData: true });
    if (!instance.truncated) return instance;
  }
  return readInstance(await blobs.get(blob));
}

async function readPrefix(blobs: BlobStore, blob: BlobKey, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of sliceOf(await blobs.getStream(blob), 0, length)) pieces.push(piece);
  return Buffer.concat(pieces);
}
