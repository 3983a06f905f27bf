import { AxialError } from "@axial/contracts";
import type { PixelDescription } from "../pixel-description.ts";
import { checkShape, type Decoded } from "./decoded.ts";
import { type JpegHeader, Marker, readJpegHeader } from "./jpeg/header.ts";
import { decodeLossless } from "./jpeg/lossless.ts";
import { decodeSequentialDct } from "./jpeg/sequential-dct.ts";
import { decodeJpegLs } from "./jpeg-ls.ts";
import { WasmCodec } from "./wasm-codec.ts";

const turbo = new WasmCodec(
  "JPEGDecoder",
  async () => (await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs")).default,
);

/**
 * Any JPEG of ISO 10918-1 that DICOM ever allowed to be decoded here, and JPEG-LS: which process
 * it is says the codestream, not the transfer syntax, as writers mix them up. Throws
 * `undecodable`.
 */
export async function decodeJpegFamily(bytes: Buffer, pixels: PixelDescription): Promise<Decoded> {
  const header = readJpegHeader(bytes);
  checkShape(header, pixels);
  const { process, precision } = header;
  if (process === Marker.SOF55) return decodeJpegLs(bytes, pixels);
  if (process === Marker.SOF3) return plain(header, narrowed(decodeLossless(bytes, header)));
  if (isEightBitDct(header)) return decodeEightBits(bytes, header, pixels);
  const sequential = process === Marker.SOF0 || process === Marker.SOF1;
  if (sequential) return plain(header, decodeSequentialDct(bytes, header));
  throw new AxialError("undecodable", { detail: `JPEG process SOF${process - Marker.SOF0}` });

  function narrowed(values: Uint16Array): Uint8Array | Uint16Array {
    return precision <= 8 ? Uint8Array.from(values) : values;
  }
}

/** The processes whose decoder leaves RGB of three components. */
export function isEightBitDct({ process, precision }: JpegHeader): boolean {
  return precision === 8 && [Marker.SOF0, Marker.SOF1, Marker.SOF2].some((sof) => sof === process);
}

function plain(header: JpegHeader, values: Uint8Array | Uint16Array): Decoded {
  const { rows, columns, components, precision } = header;
  return { rows, columns, components, precision, signed: false, values, rgb: false };
}

async function decodeEightBits(
  bytes: Buffer,
  header: JpegHeader,
  pixels: PixelDescription,
): Promise<Decoded> {
  const isRgb = header.components === 3 && holdsRgb(header, pixels);
  const { info, bytes: values } = await turbo.decode(isRgb ? markedAsRgb(bytes) : bytes);
  const shape = { rows: info.height, columns: info.width, components: info.componentCount };
  checkShape(shape, pixels);
  return { ...shape, precision: 8, signed: false, values, rgb: header.components === 3 };
}

/**
 * Whether three components are RGB as they are: Adobe's flag says so, else the data set, unless
 * the JFIF marker, which means YCbCr, contradicts it.
 */
function holdsRgb(
  { adobeTransform, jfif }: JpegHeader,
  { photometric }: PixelDescription,
): boolean {
  if (adobeTransform !== null) return false;
  return photometric === "RGB" && !jfif;
}

/** libjpeg takes three unmarked components for YCbCr; an Adobe segment with transform 0 stops it. */
function markedAsRgb(bytes: Buffer): Buffer {
  const adobe = Buffer.from("ffee000e41646f6265006400000000" + "00", "hex");
  return Buffer.concat([bytes.subarray(0, 2), adobe, bytes.subarray(2)]);
}
