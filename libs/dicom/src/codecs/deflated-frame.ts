import { constants, inflateRawSync } from "node:zlib";
import { AxialError } from "@axial/contracts";
import type { PixelArray } from "../frame.ts";
import { nativeSamples } from "../native-samples.ts";
import type { PixelDescription } from "../pixel-description.ts";

/**
 * Deflated Image Frame Compression, PS3.5 A.4.13: the cells of one frame through deflate. The
 * frame's size is known, so the stream may not grow beyond it by more than its padding.
 */
export function inflateFrame(bytes: Buffer, pixels: PixelDescription): PixelArray {
  const { rows, columns, samples, bitsAllocated } = pixels;
  const expected = Math.ceil((rows * columns * samples * bitsAllocated) / 8);
  try {
    const cells = inflateRawSync(bytes, {
      maxOutputLength: expected + 1,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return nativeSamples(cells, pixels, true);
  } catch (cause) {
    if (cause instanceof AxialError) throw cause;
    throw new AxialError("undecodable", { detail: "the frame does not inflate", cause });
  }
}
