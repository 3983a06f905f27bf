import { AxialError } from "@axial/contracts";
import { encapsulatedFrame, isEncapsulated, readInstance, uncompressedFrame } from "@axial/dicom";
import { sharedBytes } from "@axial/imaging";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import { tooLargeToDecode } from "./instance-content.ts";
import { MAX_DECODED_FILE_BYTES, MAX_LISTED_FRAMES } from "./limits.ts";
import type { Representation } from "./negotiation.ts";

/**
 * The frames of a list such as `1,3,4`, counted from 0, each once: repeating a number costs the
 * client nothing, but would cost us decoding a frame. `invalid-request` for what is no list,
 * `not-found` for a frame that the instance does not have.
 */
export function listedFrames(list: string, { frames }: Pick<StoredInstance, "frames">): number[] {
  const numbers = list.split(",").map(Number);
  const whole = /^\d{1,9}(,\d{1,9})*$/.test(list) && numbers.every((number) => number > 0);
  if (!whole || numbers.length > MAX_LISTED_FRAMES) {
    throw new AxialError("invalid-request", { detail: "frames are listed as in 1,2,3" });
  }
  if (numbers.some((number) => number > frames)) {
    throw new AxialError("not-found", { detail: `the instance has ${frames} frames` });
  }
  return [...new Set(numbers)].map((number) => number - 1);
}

/** The frames' bytes, one after another, uncompressed or as they are stored. */
export async function* frameBytes(
  dependencies: Dependencies,
  stored: StoredInstance,
  wanted: { readonly frames: Iterable<number>; readonly form: Representation["form"] },
): AsyncGenerator<Buffer> {
  const { blobs, budget } = dependencies;
  if (stored.bytes > MAX_DECODED_FILE_BYTES) throw tooLargeToDecode();
  const release = await budget.take(stored.bytes);
  try {
    const file = await blobs.get(stored.blob);
    const instance = readInstance(file);
    const read = (frame: number): Promise<Uint8Array> | Uint8Array => {
      if (!isEncapsulated(instance)) return nativeFrame(frame);
      if (wanted.form === "stored") {
        return encapsulatedFrame(instance.dataset, frame, stored.frames);
      }
      return decodedFrame(frame);
    };
    const nativeFrame = async (frame: number) => (await uncompressedFrame(instance, frame)).bytes;
    let source: { key: string; bytes: Uint8Array<SharedArrayBuffer> } | null = null;
    const decodedFrame = async (frame: number) => {
      source ??= { key: stored.blob, bytes: sharedBytes(file) };
      return (await dependencies.frames.uncompressed(source, frame)).bytes;
    };
    for (const frame of wanted.frames) yield asBuffer(await read(frame));
  } finally {
    release();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
