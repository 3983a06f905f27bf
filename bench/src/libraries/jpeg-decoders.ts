import { AxialError } from "@axial/contracts";
import { decodeSamples, readInstance } from "@axial/dicom";
import {
  COMPRESSED_FRAMES,
  type CompressedFrame,
  compressedFile,
  patternElements,
  writePart10,
} from "@axial/testkit";
import { Decoder } from "jpeg-lossless-decoder-js";
import sharp from "sharp";
import { cpuRate } from "../cpu-rate.ts";
import { ENCODINGS } from "../decode/encode-frame.ts";
import { frameElements } from "../decode/slice-frame.ts";

const JPEG = "1.2.840.10008.1.2.4.";
/** Rows and columns that a small frame says it has. */
const CLAIMED_SIDE = 8_000;
const MAX_REASON = 80;

/**
 * Our decoders for JPEG of more than 8 bits and lossless JPEG beside jpeg-lossless-decoder-js and
 * sharp: what each decodes, how fast, and what a frame that lies about its size does to it.
 */
export async function compareJpegDecoders(): Promise<object> {
  const names = ["jpeg-extended-12", "jpeg-lossless", "jpeg-lossless-sv1", "jpeg-lossless-rgb"];
  const frames = COMPRESSED_FRAMES.filter(({ name }) => names.includes(name));
  return {
    decoded: await Promise.all(frames.map(decodedBy)),
    framesPerSecond: await rates(`${JPEG}57`),
    claimed: await claimTooMuch(frames[1]),
  };
}

async function decodedBy(frame: CompressedFrame): Promise<object> {
  const wanted = await samplesOf(compressedFile(frame));
  const same = (bytes: Uint8Array) => (Buffer.from(bytes).equals(wanted) ? "same" : "differs");
  return {
    name: frame.name,
    bits: frame.bits,
    losslessDecoderJs: await outcome(async () => same(lossless(frame.bytes))),
    sharp: await outcome(async () => same(await sharp(frame.bytes).raw().toBuffer())),
  };
}

async function samplesOf(file: Buffer): Promise<Buffer> {
  const { data } = await decodeSamples(readInstance(file), 0);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function lossless(bytes: Buffer): Uint8Array {
  const copy = new Uint8Array(bytes);
  return new Uint8Array(new Decoder().decompress(copy.buffer, 0, copy.length));
}

/** A 512 × 512 slice of 12 bits; null where dcmtk, which encodes it, is not installed. */
async function rates(uid: string): Promise<object | null> {
  const frame = await ENCODINGS.find((one) => one.uid === uid)?.encode();
  if (!frame) return null;
  const elements = { ...frameElements(1), PixelData: { fragments: [frame] } };
  const instance = readInstance(writePart10({ transferSyntax: uid, elements }));
  return {
    ours: await cpuRate(() => decodeSamples(instance, 0)),
    losslessDecoderJs: await cpuRate(() => lossless(frame)),
  };
}

async function claimTooMuch(frame: CompressedFrame | undefined): Promise<object | null> {
  if (frame === undefined) return null;
  const bytes = Buffer.from(frame.bytes);
  const start = bytes.indexOf(Buffer.from([0xff, 0xc3]));
  bytes.writeUInt16BE(CLAIMED_SIDE, start + 5);
  bytes.writeUInt16BE(CLAIMED_SIDE, start + 7);
  const elements = {
    ...patternElements(frame),
    Rows: CLAIMED_SIDE,
    Columns: CLAIMED_SIDE,
    PixelData: { fragments: [bytes] },
  };
  const file = writePart10({ transferSyntax: frame.transferSyntax, elements });
  return {
    bytes: bytes.length,
    side: CLAIMED_SIDE,
    ours: await outcome(async () => `${(await samplesOf(file)).length} bytes`),
    losslessDecoderJs: await outcome(async () => `${lossless(bytes).length} bytes`),
  };
}

async function outcome(decode: () => Promise<string>): Promise<object> {
  const start = process.threadCpuUsage();
  const ended = await decode().catch((thrown: unknown) =>
    (thrown instanceof AxialError ? thrown.code : String(thrown)).slice(0, MAX_REASON),
  );
  const { user, system } = process.threadCpuUsage(start);
  return { ended, cpuMs: Math.round((user + system) / 1_000) };
}
