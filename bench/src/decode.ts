import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelInput, Preprocessing } from "@axial/contracts";
import { decodeFrame, EXPLICIT_LITTLE_ENDIAN, readInstance, transferSyntaxOf } from "@axial/dicom";
import { prepareInput, sampleBytes } from "@axial/imaging";
import { writePart10 } from "@axial/testkit";
import { cpuRate } from "./cpu-rate.ts";
import { ENCODINGS } from "./decode/encode-frame.ts";
import { peerRates } from "./decode/peers.ts";
import { BITS, frameElements, SIDE, sliceFrame } from "./decode/slice-frame.ts";

const FRAMES = 40;
/** JPEG 2000 and HTJ2K, whose codestreams hold lower resolutions. */
const LOWER: ReadonlySet<string> = new Set(["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"]);

const INPUT: ModelInput = {
  name: "image",
  dtype: "uint8",
  layout: "NCHW",
  channels: 1,
  height: 224,
  width: 224,
};
const PREPROCESSING: Preprocessing = {
  intensity: { kind: "percentiles", low: 0.5, high: 99.5 },
  invertMonochrome1: true,
  resize: { policy: "letterbox", filter: "triangle" },
  channels: "grey",
};

/**
 * Frames per second of one thread: decoding of a 512 × 512 slice with 16 bits allocated for each
 * transfer syntax, next to dcmtk and GDCM where they are installed, and the whole way from an
 * uncompressed file to a 224 × 224 input. Each figure is the best of some rounds and counts
 * processor time, so that a busy machine does not spoil it.
 */
export async function runDecode(): Promise<object> {
  const native = file(EXPLICIT_LITTLE_ENDIAN, null, 1);
  const syntaxes = [await measure(EXPLICIT_LITTLE_ENDIAN, native)];
  for (const { uid, encode } of ENCODINGS) {
    const frame = await encode();
    syntaxes.push(frame ? await measureCompressed(uid, frame) : skipped(uid));
  }
  return {
    bench: "decode",
    frame: { rows: SIDE, columns: SIDE, bitsAllocated: 16, bitsStored: BITS },
    syntaxes,
    modelInput: {
      from: `${SIDE}x${SIDE} 16-bit uncompressed`,
      to: `${INPUT.width}x${INPUT.height} uint8`,
      percentilesPerSecond: await inputRate(native, PREPROCESSING),
      voiPerSecond: await inputRate(native, { ...PREPROCESSING, intensity: { kind: "voi" } }),
    },
  };
}

function file(transferSyntax: string, frame: Buffer | null, frames: number): Buffer {
  const PixelData =
    frame === null ? sliceFrame() : { fragments: Array.from({ length: frames }, () => frame) };
  return writePart10({ transferSyntax, elements: { ...frameElements(frames), PixelData } });
}

function skipped(uid: string): object {
  return { uid, name: transferSyntaxOf(uid).name, skipped: "dcmtk makes this file: not installed" };
}

async function measure(uid: string, bytes: Buffer): Promise<object> {
  const framesPerSecond = await cpuRate(() => decodeFrame(readInstance(bytes), 0));
  return { uid, name: transferSyntaxOf(uid).name, framesPerSecond };
}

async function measureCompressed(uid: string, frame: Buffer): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-"));
  const [one, many] = [join(folder, "one.dcm"), join(folder, "many.dcm")];
  try {
    await writeFile(one, file(uid, frame, 1));
    await writeFile(many, file(uid, frame, FRAMES));
    const ours = await measure(uid, file(uid, frame, 1));
    const lower = LOWER.has(uid) ? await lowerRate(file(uid, frame, 1)) : {};
    const peers = peerRates(uid, { folder, one, many, frames: FRAMES });
    return { ...ours, ...lower, bytes: frame.length, ...peers };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** At the lowest resolution that is not smaller than the input of a model. */
async function lowerRate(bytes: Buffer): Promise<object> {
  const least = { rows: INPUT.height, columns: INPUT.width };
  const rate = await cpuRate(() => decodeFrame(readInstance(bytes), 0, { least }));
  return { atLowerResolutionPerSecond: rate };
}

async function inputRate(bytes: Buffer, preprocessing: Preprocessing): Promise<number> {
  const out = new Uint8Array(sampleBytes(INPUT));
  return cpuRate(async () => {
    const frame = await decodeFrame(readInstance(bytes), 0);
    prepareInput(frame, { preprocessing, input: INPUT }, out);
  });
}
