import { AxialError } from "@axial/contracts";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import type { ByteRange } from "./conditional.ts";
import { frameBytes } from "./frames.ts";

/** A bulk value. `size` is known where its bytes are there as they are, and parts can be had. */
export interface BulkData {
  readonly size: number | null;
  open(range: ByteRange | null): Promise<AsyncIterable<Buffer>> | AsyncIterable<Buffer>;
}

/**
 * The value at `path`: a tag, after tags and item numbers of what encloses it, as /metadata
 * writes it. Throws `not-found` for an instance without it. Compressed pixel data is sent
 * uncompressed, frame by frame.
 */
export async function bulkData(
  dependencies: Dependencies,
  stored: StoredInstance,
  path: string,
): Promise<BulkData> {
  const answer = await dependencies.headers.read(stored, { kind: "value", path });
  switch (answer.kind) {
    case "value":
      return heldValue(answer.bytes);
    case "range":
      return storedRange(dependencies, stored, answer);
    case "frames":
      return framesOf(dependencies, stored);
    default:
      throw new AxialError("not-found", { detail: "no such bulk data" });
  }
}

function heldValue(bytes: Uint8Array): BulkData {
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    size: value.length,
    open: (range) => piece(value.subarray(range?.start ?? 0, range?.end ?? value.length)),
  };
}

async function* piece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function framesOf(dependencies: Dependencies, stored: StoredInstance): BulkData {
  const frames = Array.from({ length: stored.frames }, (_, frame) => frame);
  return {
    size: null,
    open: () => frameBytes(dependencies, stored, { frames, form: "explicit" }),
  };
}

/** Uncompressed pixel data lies in the file as it is sent: any part of it can be streamed. */
function storedRange(
  { blobs }: Dependencies,
  stored: StoredInstance,
  { offset, length }: { readonly offset: number; readonly length: number },
): BulkData {
  const size = Math.min(length, stored.bytes - offset);
  return {
    size,
    open: (range) =>
      blobs.getStream(stored.blob, {
        start: offset + (range?.start ?? 0),
        end: offset + (range?.end ?? size),
      }),
  };
}
