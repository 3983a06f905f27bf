/** True and predicted label of an image, by position. */
export interface Answer {
  readonly actual: number;
  readonly predicted: number;
}

export interface MatrixScores {
  readonly accuracy: number;
  /** Where labels are in order. */
  readonly quadraticWeightedKappa?: number;
  readonly meanAbsoluteError?: number;
}

/** Counts: rows are the truth, columns the prediction. */
export function confusionMatrixOf(answers: readonly Answer[], labels: number): number[][] {
  const matrix = Array.from({ length: labels }, () => new Array<number>(labels).fill(0));
  for (const { actual, predicted } of answers) {
    const row = matrix[actual];
    if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1;
  }
  return matrix;
}

/** What a confusion matrix alone says. */
export function matrixScores(
  answers: readonly Answer[],
  { labels, ordinal }: { labels: number; ordinal: boolean },
): MatrixScores {
  const matrix = confusionMatrixOf(answers, labels);
  const right = matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const accuracy = answers.length === 0 ? 0 : right / answers.length;
  return { accuracy, ...(ordinal ? ordinalScores(matrix, answers.length) : {}) };
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
    meanAbsoluteError: count === 0 ? 0 : distance / count,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
