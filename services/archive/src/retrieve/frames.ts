import { AxialError } from "@axial/contracts";
import {
  type DicomInstance,
  encapsulatedFrame,
  isEncapsulated,
  readQuickly,
  uncompressedFrame,
} from "@axial/dicom";
import { sharedBytes } from "@axial/imaging";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import { heldBytes } from "./held-bytes.ts";
import { MAX_DECODED_FILE_BYTES, MAX_LISTED_FRAMES } from "./limits.ts";
import type { Representation } from "./negotiation.ts";

/**
 * The frames of a list such as `1,3,4`, counted from 0, each once: repeating a number costs the
 * client nothing, but would cost us decoding a frame. `invalid-request` for what is not a list,
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
  const { blobs, budget, frames } = dependencies;
  if (stored.bytes > MAX_DECODED_FILE_BYTES) throw tooLargeToDecode();
  const release = await budget.take(stored.tenant, heldBytes(stored));
  try {
    const file = await blobs.get(stored.blob);
    const instance = readQuickly(file);
    const compressed = wanted.form === "stored";
    const atHand = instance && framesAtHand(instance, { compressed, frames: stored.frames });
    const source = atHand === null ? sourceOf(stored, file) : null;
    const inThread = (frame: number) => {
      if (source === null) throw new AxialError("internal");
      return compressed
        ? frames.stored(source, { frame, frames: stored.frames })
        : frames.uncompressed(source, frame).then(({ bytes }) => bytes);
    };
    const read = atHand ?? inThread;
    for (const frame of wanted.frames) yield asBuffer(await read(frame));
  } finally {
    release();
  }
}

type ReadFrame = (frame: number) => Promise<Uint8Array> | Uint8Array;

/** Frames that lie in a file as they are wanted; null for those that have to be decoded. */
function framesAtHand(
  instance: DicomInstance,
  { compressed, frames }: { readonly compressed: boolean; readonly frames: number },
): ReadFrame | null {
  if (!isEncapsulated(instance)) {
    return async (frame) => (await uncompressedFrame(instance, frame)).bytes;
  }
  return compressed ? (frame) => encapsulatedFrame(instance.dataset, frame, frames) : null;
}

/** What the threads that decode read from. */
export function sourceOf({ blob, tenant }: StoredInstance, file: Uint8Array) {
  return { key: blob, tenant, bytes: sharedBytes(file) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function tooLargeToDecode(): AxialError {
  return new AxialError("limit-exceeded", {
    detail: `files of more than ${MAX_DECODED_FILE_BYTES} bytes are not decoded for readers`,
  });
}
