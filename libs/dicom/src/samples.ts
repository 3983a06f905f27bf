import type { PixelArray } from "./frame.ts";
import type { PixelDescription } from "./pixel-description.ts";

/** Samples as the transfer syntax holds them, decompressed; interleaved, colour not converted. */
export interface Samples {
  readonly data: PixelArray;
  /** What the samples mean: the photometric interpretation, or RGB once a codec has converted. */
  readonly photometric: string;
  readonly pixels: PixelDescription;
}
