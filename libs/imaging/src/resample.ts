import { readFileSync } from "node:fs";
import type { Turn } from "@axial/contracts";
import type { Coefficients } from "./coefficients.ts";
import { axesOf, writeTurned } from "./turn.ts";

/**
 * Resizing, columns first and then rows, as Pillow does up to 12 (from 13 on it begins with the
 * rows where the height shrinks much more than the width, and single levels differ by one), so
 * that a model sees in production what it saw in training. The arithmetic is resample.wat: in
 * JavaScript alone it takes four times as long and more than all the rest of the way.
 */
interface Passes {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  resampleColumns(...parameters: readonly number[]): void;
  resampleRows(...parameters: readonly number[]): void;
}

const PAGE = 65_536;
const ALIGNMENT = 16;
/** The columns pass reads whole groups: up to seven bytes beyond the last line. */
const SLACK = 8;

const passes = instantiate();

function instantiate(): Passes {
  const bytes = readFileSync(new URL("./resample.wasm", import.meta.url));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Passes;
}

/** An 8-bit image whose lines are `stride` bytes apart. */
export interface Levels {
  readonly data: Uint8Array;
  readonly stride: number;
}

interface Resize {
  /** Of the turned image. */
  readonly rows: number;
  readonly columns: number;
  /** How the levels are turned on their way in; null for not at all. */
  readonly turn: Turn | null;
  readonly across: Coefficients;
  readonly down: Coefficients;
}

/** `levels` turned (then rows × columns) and resized. The result is overwritten by the next call. */
export function resample(levels: Uint8Array, resize: Resize): Levels {
  const { rows, columns, across, down, turn } = resize;
  const stride = Math.ceil(across.count / 8) * 8;
  const layout = new Layout();
  const acrossFirsts = layout.place(across.firsts.byteLength);
  const acrossWeights = layout.place(across.weights.byteLength);
  const downFirsts = layout.place(down.firsts.byteLength);
  const downWeights = layout.place(down.weights.byteLength);
  const source = layout.place(levels.length + SLACK);
  const narrow = layout.place(rows * stride);
  const result = layout.place(down.count * stride);
  const memory = memoryOf(layout.size);
  const groups = across.stride / 8;
  put(memory, acrossFirsts, across.firsts);
  put(memory, acrossWeights, across.weights);
  put(memory, downFirsts, down.firsts);
  put(memory, downWeights, down.weights);
  const stored = axesOf(turn).exchanged ? { rows: columns, columns: rows } : { rows, columns };
  const out = memory.subarray(source, source + levels.length);
  writeTurned(levels, stored, { turn, out });
  const { resampleColumns, resampleRows } = passes;
  const lines = [source, rows, columns, narrow, stride, across.count] as const;
  resampleColumns(...lines, acrossFirsts, acrossWeights, groups);
  const step = down.stride * 4;
  resampleRows(narrow, stride, result, down.count, downFirsts, downWeights, down.taps, step);
  return { data: memory.subarray(result, result + down.count * stride), stride };
}

/** Places in memory one after another. */
class Layout {
  size = 0;

  place(bytes: number): number {
    const at = this.size;
    this.size = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  }
}

function memoryOf(size: number): Uint8Array {
  const missing = size - passes.memory.buffer.byteLength;
  if (missing > 0) passes.memory.grow(Math.ceil(missing / PAGE));
  return new Uint8Array(passes.memory.buffer);
}

function put(memory: Uint8Array, at: number, values: Int32Array): void {
  memory.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
}
