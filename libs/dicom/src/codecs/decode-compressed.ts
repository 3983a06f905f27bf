import { AxialError } from "@axial/contracts";
import type { Samples } from "../decode-frame.ts";
import type { PixelDescription } from "../pixel-description.ts";
import type { CodecName } from "../transfer-syntax.ts";

/** Decompresses one frame; a decoder is loaded when its first frame comes. */
export async function decodeCompressed(
  codec: Exclude<CodecName, "native">,
  _bytes: Buffer,
  _pixels: PixelDescription,
): Promise<Samples> {
  throw new AxialError("unsupported-transfer-syntax", { detail: codec });
}
