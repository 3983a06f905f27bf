const PRECISION_BITS = 22;

/** The WASM passes read weights in groups of eight. */
const GROUP = 8;

/**
 * How much each input sample counts in each output sample along one axis, by a triangle filter
 * whose support grows when the image shrinks: what Pillow calls BILINEAR, with its fixed-point
 * weights.
 */
export interface Coefficients {
  /** Output samples. */
  readonly count: number;
  /** Input samples that count in an output sample, at most. */
  readonly taps: number;
  /** `taps` rounded up to whole groups. */
  readonly stride: number;
  /** First input sample of each output sample; `taps` samples from it exist. */
  readonly firsts: Int32Array;
  /** `stride` weights for each output sample, sum 1 << 22; those beyond `taps` are 0. */
  readonly weights: Int32Array;
}

/** Of the output samples `start` … `start + count` are wanted. */
interface WantedRange {
  readonly start: number;
  readonly count: number;
}

const cache = new Map<string, Coefficients>();
const CACHED_SIZES = 256;

/** Coefficients for `from` samples resized to `to`; kept for the next frame of that size. */
export function coefficientsFor(from: number, to: number, wanted: WantedRange): Coefficients {
  const key = `${from}/${to}/${wanted.start}/${wanted.count}`;
  const known = cache.get(key);
  if (known) return known;
  if (cache.size >= CACHED_SIZES) cache.clear();
  const made = computeCoefficients(from, to, wanted);
  cache.set(key, made);
  return made;
}

function computeCoefficients(
  from: number,
  to: number,
  { start, count }: WantedRange,
): Coefficients {
  const scale = from / to;
  const triangles = Array.from({ length: count }, (_, index) =>
    triangle((start + index + 0.5) * scale, Math.max(scale, 1), from),
  );
  const taps = Math.max(...triangles.map(({ exact }) => exact.length));
  const stride = Math.ceil(taps / GROUP) * GROUP;
  const firsts = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  triangles.forEach(({ low, exact }, index) => {
    const first = Math.min(low, from - taps);
    firsts[index] = first;
    exact.forEach((weight, tap) => {
      const fixed = Math.trunc(weight * (1 << PRECISION_BITS) + 0.5);
      weights[index * stride + low - first + tap] = fixed;
    });
  });
  return { count, taps, stride, firsts, weights };
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
