import {
  type DicomInstance,
  isEncapsulated,
  readInstance,
  type UncompressedFrame,
  uncompressedFrame,
  writeInstance,
} from "@axial/dicom";

/** A file in Explicit VR Little Endian: its frames come between `head` and `tail`. */
export interface ExplicitFile {
  readonly kind: "explicit";
  readonly head: Uint8Array;
  /** Frames that are to be decoded; 0 where `head` holds everything. */
  readonly frames: number;
  readonly tail: Uint8Array;
}

/** Writes everything but the frames of compressed pixel data, which are decoded elsewhere. */
export async function explicitFile(bytes: Uint8Array): Promise<ExplicitFile> {
  const instance = readInstance(bytes);
  const first = isEncapsulated(instance) ? await uncompressedFrame(instance, 0) : null;
  const bits = instance.dataset.int(BITS_ALLOCATED);
  // Frames of one bit may share bytes: they are joined here.
  if (first === null || bits === 1) return wholeFile(instance);
  return aroundFrames(instance, first);
}

const BITS_ALLOCATED = 0x0028_0100;

async function wholeFile(instance: DicomInstance): Promise<ExplicitFile> {
  const pieces: Buffer[] = [];
  const frames = (frame: number) => uncompressedFrame(instance, frame);
  for await (const piece of writeInstance(instance, frames)) pieces.push(piece);
  return { kind: "explicit", head: joined(pieces), frames: 0, tail: new Uint8Array() };
}

async function aroundFrames(
  instance: DicomInstance,
  first: UncompressedFrame,
): Promise<ExplicitFile> {
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let frames = 0;
  // The first one's length says how long the element is.
  const source = async (frame: number) =>
    frame === 0 ? first : { ...first, bytes: first.bytes.subarray(0, 0) };
  for await (const piece of writeInstance(instance, source)) {
    if (piece.buffer === first.bytes.buffer) frames += 1;
    else if (frames === 0) head.push(piece);
    else tail.push(piece);
  }
  return { kind: "explicit", head: joined(head), frames, tail: joined(tail) };
}

/** In memory of its own, which can go to another thread. */
function joined(pieces: readonly Buffer[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
