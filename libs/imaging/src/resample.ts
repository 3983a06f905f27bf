/**
 * Resizing with a triangle filter whose support grows when the image shrinks: what Pillow calls
 * BILINEAR, with its fixed-point coefficients, so that a model sees in production what it saw in
 * training. Columns come first, as in Pillow up to 12; from 13 on it begins with the rows where the
 * height shrinks much more than the width, and single levels differ by one.
 */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** Taps that the unrolled kernel handles: enough for scales down to 0.4. */
const UNROLLED_TAPS = 6;

/** How much each input sample counts in each output sample along one axis. */
export interface Coefficients {
  readonly size: number;
  readonly taps: number;
  /** First input sample of each output sample. */
  readonly firsts: Int32Array;
  /** `taps` weights for each output sample, sum 1 << 22. */
  readonly weights: Int32Array;
}

const cache = new Map<string, Coefficients>();
const CACHED_SIZES = 256;

/** Coefficients for `from` samples resized to `to`, of which `count` from `start` are wanted. */
export function coefficientsFor(
  from: number,
  to: number,
  { start, count }: { start: number; count: number },
): Coefficients {
  const key = `${from}/${to}/${start}/${count}`;
  const known = cache.get(key);
  if (known) return known;
  if (cache.size >= CACHED_SIZES) cache.clear();
  const made = computeCoefficients(from, to, { start, count });
  cache.set(key, made);
  return made;
}

function computeCoefficients(
  from: number,
  to: number,
  { start, count }: { start: number; count: number },
): Coefficients {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const widest = Math.min(from, Math.ceil(support) * 2 + 1);
  const taps = from >= UNROLLED_TAPS ? Math.max(widest, UNROLLED_TAPS) : widest;
  const firsts = new Int32Array(count);
  const weights = new Int32Array(count * taps);
  for (let index = 0; index < count; index += 1) {
    const center = (start + index + 0.5) * scale;
    const { low, exact } = triangle(center, support, from);
    const first = Math.min(low, from - taps);
    firsts[index] = first;
    exact.forEach((weight, tap) => {
      weights[index * taps + low - first + tap] = Math.trunc(weight * (1 << PRECISION_BITS) + 0.5);
    });
  }
  return { size: from, taps, firsts, weights };
}

function triangle(center: number, support: number, size: number) {
  const low = Math.max(0, Math.trunc(center - support + 0.5));
  const high = Math.min(size, Math.trunc(center + support + 0.5));
  const raw: number[] = [];
  for (let at = low; at < high; at += 1) {
    raw.push(Math.max(0, 1 - Math.abs((at - center + 0.5) / support)));
  }
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return { low, exact: raw.map((weight) => weight / sum) };
}

/**
 * Resizes along rows and turns the image: `source` holds `lines` lines of `along.size` samples,
 * `target` gets one line for each output sample. Twice this is a whole resize.
 */
export function resampleTurned(
  source: Uint8Array,
  lines: number,
  { along, target }: { along: Coefficients; target: Uint8Array },
): void {
  if (along.taps === UNROLLED_TAPS) resampleUnrolled(source, lines, { along, target });
  else resampleAny(source, lines, { along, target });
}

interface Pass {
  readonly along: Coefficients;
  readonly target: Uint8Array;
}

function resampleUnrolled(source: Uint8Array, lines: number, { along, target }: Pass): void {
  const { firsts, weights, size } = along;
  const end = lines * size;
  for (let index = 0, to = 0; index < firsts.length; index += 1) {
    const from = index * UNROLLED_TAPS;
    const w0 = weights[from] ?? 0;
    const w1 = weights[from + 1] ?? 0;
    const w2 = weights[from + 2] ?? 0;
    const w3 = weights[from + 3] ?? 0;
    const w4 = weights[from + 4] ?? 0;
    const w5 = weights[from + 5] ?? 0;
    for (let at = firsts[index] ?? 0; at < end; at += size, to += 1) {
      target[to] =
        (HALF +
          Math.imul(w0, source[at] as number) +
          Math.imul(w1, source[at + 1] as number) +
          Math.imul(w2, source[at + 2] as number) +
          Math.imul(w3, source[at + 3] as number) +
          Math.imul(w4, source[at + 4] as number) +
          Math.imul(w5, source[at + 5] as number)) >>
        PRECISION_BITS;
    }
  }
}

function resampleAny(source: Uint8Array, lines: number, { along, target }: Pass): void {
  const { firsts, weights, size, taps } = along;
  for (let index = 0, to = 0; index < firsts.length; index += 1) {
    const from = index * taps;
    for (let line = 0; line < lines; line += 1, to += 1) {
      const at = line * size + (firsts[index] ?? 0);
      let sum = HALF;
      for (let tap = 0; tap < taps; tap += 1) {
        sum = (sum + Math.imul(weights[from + tap] as number, source[at + tap] as number)) | 0;
      }
      target[to] = sum >> PRECISION_BITS;
    }
  }
}
