import { type Calibration, calibrationOf } from "./calibration.ts";
import {
  type Answer,
  confusionMatrixOf,
  type MatrixScores,
  matrixScores,
} from "./matrix-scores.ts";
import type { Scored } from "./scored.ts";

interface ClassScores {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
  /** One against the rest; null when one side has no images. */
  readonly auc: number | null;
}

export interface Scores extends MatrixScores, Calibration {
  readonly count: number;
  /** Mean over the classes that have one; null if none does. */
  readonly macroAuc: number | null;
  readonly perClass: readonly ClassScores[];
  /** Rows are the truth, columns the prediction. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

/** The classification report as the field knows it; kappa and MAE where labels are in order. */
export function scoresOf(scored: Scored, ordinal: boolean): Scores {
  const answers = answersOf(scored);
  const matrix = confusionMatrixOf(answers, scored.labels.length);
  const perClass = scored.labels.map((label, index) => ({
    label,
    ...rates(matrix, index),
    auc: auc(rocOf(scored, index)),
  }));
  const aucs = perClass.flatMap((scores) => (scores.auc === null ? [] : [scores.auc]));
  return {
    count: answers.length,
    ...matrixScores(answers, { labels: scored.labels.length, ordinal }),
    ...calibrationOf(scored),
    macroAuc: aucs.length === 0 ? null : sum(aucs) / aucs.length,
    perClass,
    confusionMatrix: matrix,
  };
}

interface RocPoint {
  readonly falsePositives: number;
  readonly truePositives: number;
}

/** The ROC curve of one label against the rest, from (0, 0) to (1, 1); empty without both sides. */
export function rocOf({ truth, probabilities }: Scored, label: number): RocPoint[] {
  const order = truth
    .map((actual, index) => ({
      positive: actual === label,
      score: probabilities[index]?.[label] ?? 0,
    }))
    .sort((a, b) => b.score - a.score);
  const positives = order.filter(({ positive }) => positive).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: RocPoint[] = [{ falsePositives: 0, truePositives: 0 }];
  let [found, alarms] = [0, 0];
  order.forEach(({ positive, score }, index) => {
    if (positive) found++;
    else alarms++;
    // Equal scores are one threshold.
    if (order[index + 1]?.score === score) return;
    points.push({ falsePositives: alarms / negatives, truePositives: found / positives });
  });
  return points;
}

function auc(points: readonly RocPoint[]): number | null {
  if (points.length === 0) return null;
  return sum(
    points.slice(1).map((point, index) => {
      const before = points[index] ?? point;
      const width = point.falsePositives - before.falsePositives;
      return (width * (point.truePositives + before.truePositives)) / 2;
    }),
  );
}

function answersOf({ truth, probabilities }: Scored): Answer[] {
  return truth.map((actual, image) => ({ actual, predicted: argmax(probabilities[image] ?? []) }));
}

function rates(matrix: readonly (readonly number[])[], label: number) {
  const hits = matrix[label]?.[label] ?? 0;
  const support = sum(matrix[label] ?? []);
  const precision = ratio(hits, sum(matrix.map((row) => row[label] ?? 0)));
  const recall = ratio(hits, support);
  const f1 = ratio(2 * precision * recall, precision + recall);
  return { precision, recall, f1, support };
}

function argmax(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
