/** Predictions and truths of one head over `probabilities.length` images. */
export interface Scored {
  readonly labels: readonly string[];
  readonly truth: readonly number[];
  /** Per image the probability of each label. */
  readonly probabilities: readonly (readonly number[])[];
}

interface ClassScores {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
  /** One against the rest; null when one side has no images. */
  readonly auc: number | null;
}

export interface Scores {
  readonly count: number;
  readonly accuracy: number;
  /** Mean over the classes that have one; null if none does. */
  readonly macroAuc: number | null;
  readonly perClass: readonly ClassScores[];
  /** Rows are the truth, columns the prediction. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly quadraticWeightedKappa?: number;
  readonly meanAbsoluteError?: number;
}

/** The classification report as the field knows it; kappa and MAE where labels are in order. */
export function scoresOf(scored: Scored, ordinal: boolean): Scores {
  const matrix = confusionMatrix(scored);
  const count = scored.truth.length;
  const perClass = scored.labels.map((label, index) => ({
    label,
    ...rates(matrix, index),
    auc: auc(rocOf(scored, index)),
  }));
  const aucs = perClass.flatMap((scores) => (scores.auc === null ? [] : [scores.auc]));
  return {
    count,
    accuracy: ratio(sum(matrix.map((row, index) => row[index] ?? 0)), count),
    macroAuc: aucs.length === 0 ? null : sum(aucs) / aucs.length,
    perClass,
    confusionMatrix: matrix,
    ...(ordinal ? ordinalScores(matrix, count) : {}),
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

function confusionMatrix({ labels, truth, probabilities }: Scored): number[][] {
  const matrix = labels.map(() => labels.map(() => 0));
  truth.forEach((actual, index) => {
    const row = matrix[actual];
    const predicted = argmax(probabilities[index] ?? []);
    if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1;
  });
  return matrix;
}

function rates(matrix: readonly (readonly number[])[], label: number) {
  const hits = matrix[label]?.[label] ?? 0;
  const support = sum(matrix[label] ?? []);
  const precision = ratio(hits, sum(matrix.map((row) => row[label] ?? 0)));
  const recall = ratio(hits, support);
  const f1 = ratio(2 * precision * recall, precision + recall);
  return { precision, recall, f1, support };
}

/** Cohen's kappa with squared distances (Cohen 1968), and the mean distance. */
function ordinalScores(matrix: readonly (readonly number[])[], count: number) {
  const rows = matrix.map((row) => sum(row));
  const columns = matrix.map((_, label) => sum(matrix.map((row) => row[label] ?? 0)));
  let [observed, expected, distance] = [0, 0, 0];
  matrix.forEach((row, actual) => {
    row.forEach((images, predicted) => {
      const weight = (actual - predicted) ** 2;
      observed += weight * images;
      expected += (weight * (rows[actual] ?? 0) * (columns[predicted] ?? 0)) / count;
      distance += Math.abs(actual - predicted) * images;
    });
  });
  return {
    quadraticWeightedKappa: expected === 0 ? 1 : 1 - observed / expected,
    meanAbsoluteError: ratio(distance, count),
  };
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
