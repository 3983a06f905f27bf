import { buffer } from "node:stream/consumers";
import type { BlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import {
  type DataSet,
  type DicomInstance,
  type Element,
  readInstance,
  Tag,
  transferSyntaxOf,
} from "@axial/dicom";
import type { StoredInstance } from "@axial/store/search";
import { HEADER_BYTES, WHOLE_FILE_BYTES } from "./limits.ts";

/**
 * The header of a stored file: as much is read as it needs, so that neither time nor memory grows
 * with the pixels. Attributes behind the pixel data are read where something lies there, except in
 * large compressed files.
 */
export async function readHeader(
  blobs: BlobStore,
  { blob, bytes, transferSyntax }: StoredInstance,
): Promise<DicomInstance> {
  const { deflated } = transferSyntaxOf(transferSyntax);
  for (let length = HEADER_BYTES; !deflated && length < bytes; length *= 4) {
    const prefix = await readPrefix(blobs, blob, length);
    const instance = readInstance(prefix, { untilPixelData: true });
    if (!instance.truncated && endsWithPixels(instance, bytes)) return instance;
  }
  return readInstance(await blobs.get(blob));
}

function endsWithPixels({ dataset }: DicomInstance, bytes: number): boolean {
  const pixels = dataset.elements.get(Tag.PixelData);
  if (pixels === undefined) return false;
  if (pixels.fragments !== null) return bytes > WHOLE_FILE_BYTES;
  return pixels.offset + declaredLength(dataset, pixels) >= bytes;
}

/** The length that stands before a value of 32 bits of length; a part that was read cut it. */
export function declaredLength(dataset: DataSet, { offset }: Element): number {
  return dataset.littleEndian
    ? dataset.bytes.readUInt32LE(offset - 4)
    : dataset.bytes.readUInt32BE(offset - 4);
}

async function readPrefix(blobs: BlobStore, blob: BlobKey, length: number): Promise<Buffer> {
  return buffer(await blobs.getStream(blob, { start: 0, end: length }));
}
