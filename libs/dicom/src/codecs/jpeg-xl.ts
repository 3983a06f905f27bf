import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { PixelDescription } from "../pixel-description.ts";
import { checkShape, type Decoded } from "./decoded.ts";
import { readJpegXlSize } from "./jpeg-xl-header.ts";
import { WasmCodec, type WasmFactory } from "./wasm-codec.ts";

const libjxl = new WasmCodec("JpegXLDecoder", load);

/** Its loader knows browsers only and does not find the module's file in Node. */
async function load(): Promise<WasmFactory<"JpegXLDecoder">> {
  const file = createRequire(import.meta.url).resolve("@cornerstonejs/codec-libjxl/decodewasm");
  const [{ default: factory }, wasmBinary] = await Promise.all([
    import("@cornerstonejs/codec-libjxl/decodewasmjs"),
    readFile(file),
  ]);
  return (options) => factory({ ...options, wasmBinary });
}

/**
 * JPEG XL (ISO 18181), lossless, lossy and recompressed JPEG; three components come out as RGB
 * whatever is inside. Throws `undecodable`.
 */
export async function decodeJpegXl(bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  checkShape({ ...readJpegXlSize(bytes), components: pixels.samples }, pixels);
  const { info, bytes: cells } = await libjxl.decode(bytes);
  const { bitsPerSample: precision, componentCount: components } = info;
  const shape = { rows: info.height, columns: info.width, components };
  checkShape(shape, pixels);
  const values =
    precision <= 8 ? cells : new Uint16Array(cells.buffer, cells.byteOffset, cells.length >> 1);
  return { ...shape, precision, signed: false, values, rgb: components === 3 };
}
