import type { ModelPackage, Turn } from "@axial/contracts";

/** Everything that a slice with its class map is drawn from. */
export interface HeatmapSource {
  readonly kind: "dicom" | "image";
  /** The instance's file. */
  readonly file: Uint8Array;
  /** Of the file, counted from 0. */
  readonly frame: number;
  /** The task's heat-map blob. */
  readonly maps: Uint8Array;
  /** Index of the slice in the maps. */
  readonly slice: number;
  /** How the slice was turned for the model; null for not at all. */
  readonly turn: Turn | null;
  readonly model: Pick<ModelPackage, "preprocessing" | "input">;
  /** Burned in below the picture. */
  readonly caption: readonly string[];
}

export interface HeatmapCommand {
  readonly source: HeatmapSource;
  readonly format: "png" | "rgb";
}

/** A PNG file, or RGB bytes row by row. */
export interface HeatmapResult {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}
