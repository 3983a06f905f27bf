import type { DataSet } from "./data-set.ts";
import type { LookUpTable } from "./frame.ts";
import { MAX_LUT_ENTRIES } from "./limits.ts";

const DISCRETE = 0;
const LINEAR = 1;
const INDIRECT = 2;

interface Expansion {
  readonly words: readonly number[];
  readonly out: number[];
  readonly limit: number;
}

/**
 * A palette in segments (PS3.3 C.7.9.2): runs of entries, straight lines from the last entry, and
 * copies of earlier segments. Null when the segments do not make as many entries as described.
 */
export function expandSegments(
  dataset: DataSet,
  tag: number,
  { count, first, bits }: { count: number; first: number; bits: number },
): LookUpTable | null {
  const bytes = dataset.value(tag);
  const limit = count === 0 ? MAX_LUT_ENTRIES : count;
  if (bytes === null || limit > MAX_LUT_ENTRIES) return null;
  const words = readWords(bytes, bits, dataset.littleEndian);
  const out: number[] = [];
  expand({ words, out, limit }, { at: 0, segments: Number.POSITIVE_INFINITY, nested: false });
  return out.length < limit ? null : { first, bits, values: Uint16Array.from(out) };
}

function readWords(bytes: Buffer, bits: number, little: boolean): number[] {
  if (bits === 8) return [...bytes];
  const words: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    words.push(little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  }
  return words;
}

interface Place {
  readonly at: number;
  readonly segments: number;
  readonly nested: boolean;
}

function expand(expansion: Expansion, { at: start, segments, nested }: Place): void {
  const { words, out, limit } = expansion;
  let at = start;
  for (let done = 0; done < segments && at + 1 < words.length && out.length < limit; done += 1) {
    const kind = words[at];
    const length = words[at + 1] ?? 0;
    if (kind === DISCRETE) {
      out.push(...words.slice(at + 2, at + 2 + Math.min(length, limit - out.length)));
      at += 2 + length;
    } else if (kind === LINEAR) {
      line(out, { to: words[at + 2] ?? 0, length: Math.min(length, limit - out.length) });
      at += 3;
    } else if (kind === INDIRECT && !nested) {
      const target = (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 0x1_0000;
      expand(expansion, { at: target, segments: length, nested: true });
      at += 4;
    } else return;
  }
}

function line(out: number[], { to, length }: { to: number; length: number }): void {
  const from = out.at(-1) ?? 0;
  for (let step = 1; step <= length; step += 1) {
    out.push(Math.round(from + ((to - from) * step) / length));
  }
}
