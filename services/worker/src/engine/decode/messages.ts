import type { Failure, Turn } from "@axial/contracts";
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
  readonly id: number;
  readonly model: number;
  readonly items: readonly DecodeItem[];
}

/** A slice that lies ready in its slot, and how it was turned; or why it does not. */
export type Prepared = { readonly turn: Turn | null } | { readonly failure: Failure };

export interface DecodedChunk {
  readonly id: number;
  /** In the order of the chunk's items. */
  readonly prepared: readonly Prepared[];
}

export interface DecodeThreadData {
  readonly models: readonly InstalledModel[];
  readonly source: SourceConfig;
  /** Shared with the pool: [chunk at work, item at work], so that a hang can be blamed. */
  readonly progress: Int32Array;
}

export const PROGRESS = { chunk: 0, item: 1 } as const;
/** No chunk is at work. */
export const IDLE = -1;
