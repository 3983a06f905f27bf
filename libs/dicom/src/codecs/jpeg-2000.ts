import { AxialError } from "@axial/contracts";
import type { PixelDescription } from "../pixel-description.ts";
import { checkShape, type Decoded } from "./decoded.ts";
import { WasmCodec } from "./wasm-codec.ts";

const openJpeg = new WasmCodec(
  "J2KDecoder",
  async () => (await import("@cornerstonejs/codec-openjpeg/decodewasmjs")).default,
);
const openJph = new WasmCodec(
  "HTJ2KDecoder",
  async () => (await import("@cornerstonejs/codec-openjph/wasmjs")).default,
);

/** JPEG 2000 Part 1; throws `undecodable`. */
export function decodeJpeg2000(bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  return decode(openJpeg, bytes, pixels);
}

/** High-throughput JPEG 2000; throws `undecodable`. */
export function decodeHtj2k(bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  return decode(openJph, bytes, pixels);
}

type Codec = typeof openJpeg | typeof openJph;

async function decode(codec: Codec, bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  const codestream = findCodestream(bytes);
  const header = readSize(codestream);
  checkShape(header, pixels);
  const { info, bytes: cells } = await codec.decode(codestream);
  const { bitsPerSample: precision, componentCount: components } = info;
  const shape = { rows: info.height, columns: info.width, components };
  checkShape(shape, pixels);
  const values = precision <= 8 ? typed8(cells, header.signed) : typed16(cells, header.signed);
  return {
    ...shape,
    precision,
    signed: header.signed,
    values,
    rgb: hasColourTransform(codestream),
  };
}

function typed8(cells: Uint8Array, signed: boolean): Uint8Array | Int8Array {
  return signed ? new Int8Array(cells.buffer, cells.byteOffset, cells.length) : cells;
}

function typed16(cells: Uint8Array, signed: boolean): Uint16Array | Int16Array {
  const length = cells.length >> 1;
  return signed
    ? new Int16Array(cells.buffer, cells.byteOffset, length)
    : new Uint16Array(cells.buffer, cells.byteOffset, length);
}

const START_OF_CODESTREAM = Buffer.of(0xff, 0x4f, 0xff, 0x51);

/** DICOM wants the bare codestream; some writers leave it in its JP2 boxes. */
function findCodestream(bytes: Buffer): Buffer {
  const start = bytes.indexOf(START_OF_CODESTREAM);
  if (start < 0) throw new AxialError("undecodable", { detail: "no JPEG 2000 codestream" });
  return start === 0 ? bytes : bytes.subarray(start);
}

/** The SIZ segment, ISO 15444-1 A.5.1: what a decoder will want memory for. */
function readSize(codestream: Buffer) {
  if (codestream.length < 43) {
    throw new AxialError("truncated-pixel-data", { detail: "JPEG 2000 header" });
  }
  const at = (offset: number) => codestream.readUInt32BE(offset);
  return {
    columns: at(8) - at(16),
    rows: at(12) - at(20),
    components: codestream.readUInt16BE(40),
    signed: ((codestream[42] ?? 0) & 0x80) !== 0,
  };
}

const CODING_STYLE = 0xff52;
const START_OF_TILE = 0xff90;

/** The multiple component transformation of COD (A.6.1): the decoder undoes it, RGB comes out. */
function hasColourTransform(codestream: Buffer): boolean {
  let at = 2;
  while (at + 4 <= codestream.length) {
    const marker = codestream.readUInt16BE(at);
    if (marker === START_OF_TILE) return false;
    if (marker === CODING_STYLE) return codestream[at + 8] === 1;
    at += 2 + codestream.readUInt16BE(at + 2);
  }
  return false;
}
