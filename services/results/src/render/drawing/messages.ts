import type { ModelPackage, Turn } from "@axial/contracts";
import type { SliceGeometry } from "../heatmap/slice-geometry.ts";
import type { Report } from "../report/report.ts";

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

/** What is to be drawn: a heat map, as a PNG file or as RGB bytes, or a report's page as PDF. */
export type DrawingCommand =
  | { readonly kind: "heatmap"; readonly source: HeatmapSource; readonly format: "png" | "rgb" }
  | { readonly kind: "page"; readonly report: Report };

export interface Drawing {
  /** A file, or RGB row by row. */
  readonly bytes: Uint8Array;
  /** In pixels; 0 of a page. */
  readonly width: number;
  readonly height: number;
  /** Of the slice; null of a page, and of an image that names no place. */
  readonly geometry: SliceGeometry | null;
}
