import type { Scored } from "./scored.ts";

/** Equal-width bins of the winning probability, as in the cards of the packages. */
const BINS = 15;

/** What was said and what was right where the winning probability lay in a bin. */
interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean winning probability. */
  readonly confidence: number;
  /** Share that is right. */
  readonly accuracy: number;
}

export interface Calibration {
  /**
   * Expected calibration error (Guo et al. 2017): the mean distance of confidence and accuracy,
   * weighted by the bins' counts.
   */
  readonly ece: number;
  /** Those that are not empty. */
  readonly calibration: readonly CalibrationBin[];
}

export function calibrationOf({ truth, probabilities }: Scored): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  probabilities.forEach((row, image) => {
    const confidence = Math.max(...row);
    const sum = sums[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    if (sum === undefined) return;
    sum.count += 1;
    sum.confidence += confidence;
    sum.right += row.indexOf(confidence) === truth[image] ? 1 : 0;
  });
  const calibration = sums.flatMap(({ count, confidence, right }, bin) =>
    count === 0
      ? []
      : [
          {
            ...{ from: bin / BINS, to: (bin + 1) / BINS, count },
            ...{ confidence: confidence / count, accuracy: right / count },
          },
        ],
  );
  const apart = calibration.map((bin) => Math.abs(bin.confidence - bin.accuracy) * bin.count);
  const total = Math.max(1, probabilities.length);
  return { ece: apart.reduce((sum, value) => sum + value, 0) / total, calibration };
}
