import { AxialError } from "@axial/contracts";
import { MAX_TILES } from "../limits.ts";
import type { PixelDescription } from "../pixel-description.ts";
import { checkShape, type Decoded } from "./decoded.ts";
import {
  checkHighThroughput,
  endOfTileParts,
  hasColourTransform,
  readSize,
  resolutionLevels,
} from "./jpeg-2000-header.ts";
import { halvings, type LeastSize, sizeAt } from "./resolution-level.ts";
import { WasmCodec, type WasmFrame } from "./wasm-codec.ts";

const openJpeg = new WasmCodec(
  "J2KDecoder",
  async () => (await import("@cornerstonejs/codec-openjpeg/decodewasmjs")).default,
);
const openJph = new WasmCodec(
  "HTJ2KDecoder",
  async () => (await import("@cornerstonejs/codec-openjph/wasmjs")).default,
);

/** What the data set says of a frame, and how small it may be; null: as it is. */
interface Wanted {
  readonly pixels: PixelDescription;
  readonly least: LeastSize | null;
}

/** JPEG 2000 Part 1; throws `undecodable`. */
export function decodeJpeg2000(bytes: Buffer, wanted: Wanted): Promise<Decoded> {
  return decode(openJpeg, bytes, wanted);
}

/** High-throughput JPEG 2000; throws `undecodable`. */
export function decodeHtj2k(bytes: Buffer, wanted: Wanted): Promise<Decoded> {
  return decode(openJph, bytes, wanted);
}

type Codec = typeof openJpeg | typeof openJph;

async function decode(codec: Codec, bytes: Buffer, { pixels, least }: Wanted): Promise<Decoded> {
  const codestream = findCodestream(bytes);
  const header = readSize(codestream);
  checkShape(header, pixels);
  if (!(header.tiles <= MAX_TILES)) {
    throw new AxialError("limit-exceeded", { detail: `more than ${MAX_TILES} tiles` });
  }
  if (header.subsampled) throw new AxialError("undecodable", { detail: "subsampled components" });
  if (codec === openJph) checkHighThroughput(codestream, header.tiles);
  const levels = least !== null && header.atOrigin ? resolutionLevels(codestream, header.tiles) : 0;
  const halved = least === null ? 0 : halvings(pixels, least, levels);
  const { info, bytes: cells } = await decodeForgiving(codec, codestream, halved);
  const { bitsPerSample: precision, componentCount: components } = info;
  // OpenJPH tells the size of what came out, OpenJPEG that of the codestream.
  const shape = { ...sizeAt(pixels, halved), components };
  if (halved === 0) checkShape({ rows: info.height, columns: info.width, components }, pixels);
  const values = precision <= 8 ? typed8(cells, header.signed) : typed16(cells, header.signed);
  return {
    ...shape,
    precision,
    signed: header.signed,
    values,
    rgb: hasColourTransform(codestream),
  };
}

/** Decoders give up on bytes after the last tile-part; without them they get a second chance. */
async function decodeForgiving(
  codec: Codec,
  codestream: Buffer,
  halved: number,
): Promise<WasmFrame> {
  const frame = await codec.decode(codestream, halved);
  if (frame.info.width > 0) return frame;
  const end = endOfTileParts(codestream);
  if (end === null) return frame;
  return codec.decode(Buffer.concat([codestream.subarray(0, end), END_OF_CODESTREAM]), halved);
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

const END_OF_CODESTREAM = Buffer.of(0xff, 0xd9);
const START_OF_CODESTREAM = Buffer.of(0xff, 0x4f, 0xff, 0x51);

/** DICOM wants the bare codestream; some writers leave it in its JP2 boxes. */
export function findCodestream(bytes: Buffer): Buffer {
  const start = bytes.indexOf(START_OF_CODESTREAM);
  if (start < 0) throw new AxialError("undecodable", { detail: "no JPEG 2000 codestream" });
  return start === 0 ? bytes : bytes.subarray(start);
}
