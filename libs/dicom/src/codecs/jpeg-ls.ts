import { interleave } from "../colour.ts";
import type { PixelDescription } from "../pixel-description.ts";
import { checkShape, type Decoded } from "./decoded.ts";
import { Marker, readJpegHeader } from "./jpeg/header.ts";
import { WasmCodec } from "./wasm-codec.ts";

const charls = new WasmCodec(
  "JpegLSDecoder",
  async () => (await import("@cornerstonejs/codec-charls/decodewasmjs")).default,
);

const BY_PLANE = 0;

/** JPEG-LS lossless and near-lossless (ISO 14495-1); throws `undecodable`. */
export async function decodeJpegLs(bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  checkShape(readJpegHeader(bytes), pixels);
  const { info, bytes: cells, interleaveMode } = await charls.decode(closed(bytes));
  const { bitsPerSample: precision, componentCount: components } = info;
  const shape = { rows: info.height, columns: info.width, components };
  checkShape(shape, pixels);
  const values =
    precision <= 8 ? cells : new Uint16Array(cells.buffer, cells.byteOffset, cells.length >> 1);
  const planar = components === 3 && interleaveMode === BY_PLANE;
  const together = planar ? interleave(values, shape.rows * shape.columns) : values;
  return {
    ...shape,
    precision,
    signed: false,
    values: together as Uint8Array | Uint16Array,
    rgb: false,
  };
}

/** CharLS counts zero bits for seconds after a stream that just stops; a marker ends it at once. */
function closed(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.of(0xff, Marker.EOI)]);
}
