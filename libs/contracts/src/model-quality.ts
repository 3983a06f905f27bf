import { type Static, Type } from "typebox";

/**
 * What of a model's results is watched for drift, as histograms of fixed bins, so that any two
 * periods can be compared: the last bin takes what lies beyond `to`.
 *
 * - `score`: probability of the most probable label of the first distribution.
 * - `domain-distance`: distance from the training images, in units of the model's threshold.
 * - `input-mean`, `input-deviation`: of what the network is shown, 0 to 1, over a series' slices.
 */
export const QUALITY_FIGURES = {
  score: { bins: 20, to: 1 },
  "domain-distance": { bins: 24, to: 3 },
  "input-mean": { bins: 32, to: 1 },
  "input-deviation": { bins: 32, to: 0.5 },
} as const;
export type QualityFigure = keyof typeof QUALITY_FIGURES;

const Counts = Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 64 });

/** Fewer results are no reference, and no drift: PSI of ten groups of a hundred is 0.09 by chance. */
export const DRIFT_FROM_RESULTS = 100;

/** Index of the bin of a figure's value; the last bin for what lies beyond `to`. */
export function qualityBin(figure: QualityFigure, value: number): number {
  const { bins, to } = QUALITY_FIGURES[figure];
  return Math.min(bins - 1, Math.max(0, Math.floor((value * bins) / to)));
}

/** What a model's results looked like where it was known to do well. */
export const ModelReferenceSchema = Type.Object({
  measuredOn: Type.String({ maxLength: 300, description: "which results, in words" }),
  of: Type.Optional(
    Type.Enum(["image"], {
      description:
        "image: each result was of one image, and is compared with such results only, because the mean over a series varies less; all results when left out",
    }),
  ),
  results: Type.Integer({ minimum: 1 }),
  /** Figure → results in each of its bins. */
  figures: Type.Partial(
    Type.Object({
      score: Counts,
      "domain-distance": Counts,
      "input-mean": Counts,
      "input-deviation": Counts,
    }),
  ),
});
export type ModelReference = Static<typeof ModelReferenceSchema>;

/** Least share of the reference in a group of bins: ten groups, as PSI is used by convention. */
const GROUP_SHARE = 0.1;
/** Stands for an empty group, whose logarithm would be infinite: half a result. */
const HALF = 0.5;

/**
 * Population stability index of `counts` against `reference`, both over the same bins: below 0.1
 * nothing to speak of, above 0.25 a shift. Adjacent bins with less than a tenth of the reference are
 * joined until they have it, so that few results do not look like drift.
 */
export function populationStability(reference: readonly number[], counts: readonly number[]) {
  const groups = groupsOf(reference);
  const expected = sharesOf(reference, groups);
  const actual = sharesOf(counts, groups);
  return expected.reduce((sum, share, group) => {
    const now = actual[group] ?? share;
    return sum + (now - share) * Math.log(now / share);
  }, 0);
}

/** Kolmogorov-Smirnov distance, 0 to 1: the largest difference of the two cumulative shares. */
export function kolmogorovSmirnov(reference: readonly number[], counts: readonly number[]): number {
  const [all, now] = [total(reference), total(counts)];
  let [before, after, largest] = [0, 0, 0];
  for (const [bin, count] of reference.entries()) {
    before += count / all;
    after += (counts[bin] ?? 0) / now;
    largest = Math.max(largest, Math.abs(before - after));
  }
  return largest;
}

/** For each bin the number of its group. */
function groupsOf(reference: readonly number[]): number[] {
  const least = total(reference) * GROUP_SHARE;
  let [group, filled, bins] = [0, 0, 0];
  return reference.map((count) => {
    // A full bin stands alone: what moves out of it, up or down, is seen.
    if (bins > 0 && (filled >= least || count >= least)) [group, filled, bins] = [group + 1, 0, 0];
    filled += count;
    bins += 1;
    return group;
  });
}

function sharesOf(counts: readonly number[], groups: readonly number[]): number[] {
  const sums: number[] = [];
  for (const [bin, group] of groups.entries()) {
    sums[group] = (sums[group] ?? 0) + (counts[bin] ?? 0);
  }
  const all = total(counts) + HALF * sums.length;
  return sums.map((sum) => (sum + HALF) / all);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A share of successes with the bounds of its 95 % interval. */
export interface Share {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly of: number;
}

/** The quantile of the normal distribution for 95 %. */
const Z = 1.959964;

/** Wilson's interval, which holds for few and for extreme shares too. Null of nothing. */
export function wilson(successes: number, of: number): Share | null {
  if (of === 0) return null;
  const value = successes / of;
  const centre = value + Z ** 2 / (2 * of);
  const half = Z * Math.sqrt((value * (1 - value)) / of + Z ** 2 / (4 * of ** 2));
  const scale = 1 + Z ** 2 / of;
  const clip = (share: number) => Math.min(1, Math.max(0, share));
  return { value, lower: clip((centre - half) / scale), upper: clip((centre + half) / scale), of };
}
