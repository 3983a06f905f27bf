import { AxialError } from "@axial/contracts";
import type { CodecName } from "../transfer-syntax.ts";
import { readJpegHeader } from "./jpeg/header.ts";
import { findCodestream } from "./jpeg-2000.ts";
import { hasColourTransform } from "./jpeg-2000-header.ts";
import { isEightBitDct } from "./jpeg-family.ts";

/**
 * Whether the decoder turns three components of YCbCr into RGB, by the beginning of a codestream.
 * Null where that beginning does not say.
 */
export function decodesToRgb(codec: CodecName, codestream: Buffer): boolean | null {
  try {
    switch (codec) {
      case "jpeg":
      case "jpeg-lossless":
      case "jpeg-ls":
        return isEightBitDct(readJpegHeader(codestream));
      case "jpeg-2000":
      case "htj2k":
        return hasColourTransform(findCodestream(codestream));
      case "jpeg-xl":
        return true;
      default:
        return false;
    }
  } catch (thrown) {
    if (thrown instanceof AxialError) return null;
    throw thrown;
  }
}
