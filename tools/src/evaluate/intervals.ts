import { mulberry32 } from "../mulberry32.ts";
import { type Answer, matrixScores } from "./matrix-scores.ts";
import type { Scored } from "./scored.ts";

const REPEATS = 1_000;
const COVERAGE = 0.95;
const SEED = 20_261_120;

type Interval = readonly [low: number, high: number];

/** How far the scores may be off by chance, over groups of images that belong together. */
export interface Intervals {
  /** Groups of images: patients or near-duplicates, as the table's column `group` says, else images. */
  readonly groups: number;
  /** 95 % of the scores lie there when groups are drawn again with replacement. */
  readonly accuracy: Interval;
  readonly quadraticWeightedKappa?: Interval;
  /** Mean over groups of the share of their images that is right: one vote a group. */
  readonly accuracyPerGroup: number;
}

/** Bootstrap intervals; `groups` has a name for each image of `scored`. The same input yields the same intervals. */
export function intervalsOf(
  scored: Scored,
  { groups, ordinal }: { groups: readonly string[]; ordinal: boolean },
): Intervals {
  const members = answersByGroup(scored, groups);
  const random = mulberry32(SEED);
  const draws = Array.from({ length: REPEATS }, () => {
    const drawn = members.map(() => members[Math.floor(random() * members.length)] ?? []);
    return matrixScores(drawn.flat(), { labels: scored.labels.length, ordinal });
  });
  const kappas = draws.flatMap(({ quadraticWeightedKappa: kappa }) => kappa ?? []);
  const shares = members.map(
    (answers) =>
      answers.filter(({ actual, predicted }) => actual === predicted).length / answers.length,
  );
  return {
    groups: members.length,
    accuracy: middle(draws.map(({ accuracy }) => accuracy)),
    ...(kappas.length > 0 && { quadraticWeightedKappa: middle(kappas) }),
    accuracyPerGroup: shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length),
  };
}

function answersByGroup({ truth, probabilities }: Scored, groups: readonly string[]): Answer[][] {
  const byGroup = new Map<string, Answer[]>();
  truth.forEach((actual, image) => {
    const row = probabilities[image] ?? [];
    const answer = { actual, predicted: row.indexOf(Math.max(...row)) };
    const group = groups[image] ?? "";
    const known = byGroup.get(group);
    if (known === undefined) byGroup.set(group, [answer]);
    else known.push(answer);
  });
  return [...byGroup.values()];
}

function middle(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at((1 - COVERAGE) / 2), at((1 + COVERAGE) / 2)];
}
