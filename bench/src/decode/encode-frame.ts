import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { readInstance, Tag } from "@axial/dicom";
import { encodeRle, writePart10 } from "@axial/testkit";
import { BITS, frameElements, SIDE, sliceFrame } from "./slice-frame.ts";

interface Encoder {
  getDecodedBuffer(info: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  setQuality?(lossless: boolean, quantisation: number): void;
  setNearLossless?(near: number): void;
  delete(): void;
}

const run = promisify(execFile);

/** One compressed frame of the slice; null when the program that makes it is not installed. */
type EncodeFrame = () => Promise<Buffer | null>;

const JPEG = "1.2.840.10008.1.2.4.";

/** Every compressed transfer syntax that can be measured, and how its frame is made. */
export const ENCODINGS: readonly { readonly uid: string; readonly encode: EncodeFrame }[] = [
  { uid: "1.2.840.10008.1.2.8.1", encode: async () => deflateRawSync(sliceBytes()) },
  { uid: "1.2.840.10008.1.2.5", encode: async () => encodeRle(sliceBytes(), 2) },
  { uid: `${JPEG}51`, encode: () => withDcmtk("dcmcjpeg", ["+ee", "+q", "90"]) },
  { uid: `${JPEG}57`, encode: () => withDcmtk("dcmcjpeg", ["+el", "+sv", "6"]) },
  { uid: `${JPEG}70`, encode: () => withDcmtk("dcmcjpeg", ["+e1"]) },
  { uid: `${JPEG}80`, encode: () => withCharls(0) },
  { uid: `${JPEG}81`, encode: () => withCharls(2) },
  { uid: `${JPEG}90`, encode: withOpenJpeg },
  { uid: `${JPEG}201`, encode: withOpenJph },
];

function sliceBytes(): Buffer {
  return Buffer.from(sliceFrame().buffer);
}

function encodeWith(encoder: Encoder, prepare: (encoder: Encoder) => void): Buffer {
  const info = { width: SIDE, height: SIDE, bitsPerSample: BITS, componentCount: 1 };
  const input = { ...info, isSigned: false, isUsingColorTransform: false };
  encoder.getDecodedBuffer(input).set(sliceBytes());
  prepare(encoder);
  encoder.encode();
  const bytes = Buffer.from(encoder.getEncodedBuffer());
  encoder.delete();
  return bytes;
}

async function withCharls(near: number): Promise<Buffer> {
  const { default: factory } = await import("@cornerstonejs/codec-charls/wasmjs");
  const { JpegLSEncoder } = await factory({});
  return encodeWith(new JpegLSEncoder(), (encoder) => encoder.setNearLossless?.(near));
}

/** Grey values of eight bits as a JPEG 2000 codestream without loss. */
export async function encodeGrey(
  values: Uint8Array,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Promise<Buffer> {
  const { default: factory } = await import("@cornerstonejs/codec-openjpeg/wasmjs");
  const { J2KEncoder } = await factory({ print: () => {} });
  const encoder = new J2KEncoder();
  const info = { width: columns, height: rows, bitsPerSample: 8, componentCount: 1 };
  encoder.getDecodedBuffer({ ...info, isSigned: false, isUsingColorTransform: false }).set(values);
  encoder.setQuality?.(true, 0);
  encoder.encode();
  const bytes = Buffer.from(encoder.getEncodedBuffer());
  encoder.delete();
  return bytes;
}
async function withOpenJpeg(): Promise<Buffer> {
  const { default: factory } = await import("@cornerstonejs/codec-openjpeg/wasmjs");
  const { J2KEncoder } = await factory({ print: () => {} });
  return encodeWith(new J2KEncoder(), (encoder) => encoder.setQuality?.(true, 0));
}

async function withOpenJph(): Promise<Buffer> {
  const { default: factory } = await import("@cornerstonejs/codec-openjph");
  const { HTJ2KEncoder } = await factory({});
  return encodeWith(new HTJ2KEncoder(), (encoder) => encoder.setQuality?.(true, 0));
}

async function withDcmtk(program: string, options: readonly string[]): Promise<Buffer | null> {
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-"));
  const [input, output] = [join(folder, "in.dcm"), join(folder, "out.dcm")];
  try {
    await writeFile(
      input,
      writePart10({ elements: { ...frameElements(1), PixelData: sliceFrame() } }),
    );
    await run(program, [...options, input, output]);
    return fragmentOf(await readFile(output));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fragmentOf(file: Buffer): Buffer {
  const { dataset } = readInstance(file);
  const [, first] = dataset.elements.get(Tag.PixelData)?.fragments ?? [];
  if (!first) throw new Error("the encoder wrote no frame");
  return dataset.bytes.subarray(first.offset, first.offset + first.length);
}
