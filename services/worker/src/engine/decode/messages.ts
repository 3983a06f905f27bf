import type { Failure, InputFigures, Turn } from "@axial/contracts";
import type { InstalledModel } from "../installed-models.ts";
import type { SourceConfig } from "./source.ts";

/** One slice to be prepared into `slot` of its model's arena. */
export interface DecodeItem {
  readonly source: string;
  readonly frame: number;
  readonly kind: "dicom" | "image";
  readonly slot: number;
}

/** Slices of one task that one thread prepares one after another. */
export interface DecodeChunk {
  readonly model: number;
  readonly items: readonly DecodeItem[];
}

/** A slice that lies ready in its slot, and how it was turned; or why it does not. */
export type Prepared =
  | {
      readonly turn: Turn | null;
      /** Null where the network is not shown bytes. */
      readonly input: InputFigures | null;
    }
  | { readonly failure: Failure };

/** What a decode thread is started with. */
export interface DecodeSetup {
  readonly models: readonly InstalledModel[];
  readonly source: SourceConfig;
}
