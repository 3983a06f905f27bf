import { interleave } from "../colour.ts";
import type { PixelDescription } from "../pixel-description.ts";
import type { Samples } from "../samples.ts";
import type { CodecName } from "../transfer-syntax.ts";
import { type Decoded, fitToCells } from "./decoded.ts";
import { inflateFrame } from "./deflated-frame.ts";
import { decodeHtj2k, decodeJpeg2000 } from "./jpeg-2000.ts";
import { decodeJpegFamily } from "./jpeg-family.ts";
import { decodeJpegXl } from "./jpeg-xl.ts";
import type { LeastSize } from "./resolution-level.ts";
import { decodeRle } from "./rle.ts";

/**
 * Decompresses one frame; a JPEG 2000 one may come out halved, but not smaller than `least`. WASM decoders are loaded when their first frame comes. Throws
 * `undecodable` or `truncated-pixel-data`.
 */
export async function decodeCompressed(
  codec: Exclude<CodecName, "native">,
  bytes: Buffer,
  { pixels, least }: { readonly pixels: PixelDescription; readonly least: LeastSize | null },
): Promise<Samples> {
  switch (codec) {
    case "rle":
      return { data: decodeRle(bytes, pixels), photometric: pixels.photometric, pixels };
    case "deflated-frame":
      return deflated(bytes, pixels);
    case "jpeg":
    case "jpeg-lossless":
    case "jpeg-ls":
      return fitted(await decodeJpegFamily(bytes, pixels), pixels);
    case "jpeg-2000":
      return fitted(await decodeJpeg2000(bytes, { pixels, least }), pixels);
    case "htj2k":
      return fitted(await decodeHtj2k(bytes, { pixels, least }), pixels);
    case "jpeg-xl":
      return fitted(await decodeJpegXl(bytes, pixels), pixels);
  }
}

function deflated(bytes: Buffer, pixels: PixelDescription): Samples {
  const data = inflateFrame(bytes, pixels);
  const together = pixels.planar ? interleave(data, pixels.rows * pixels.columns) : data;
  return { data: together, photometric: pixels.photometric, pixels };
}

function fitted(decoded: Decoded, described: PixelDescription): Samples {
  const pixels = { ...described, rows: decoded.rows, columns: decoded.columns };
  const photometric = decoded.rgb ? "RGB" : pixels.photometric;
  return { data: fitToCells(decoded, pixels), photometric, pixels };
}
