/** Predictions and truths of one head over `probabilities.length` images. */
export interface Scored {
  readonly labels: readonly string[];
  readonly truth: readonly number[];
  /** Per image the probability of each label. */
  readonly probabilities: readonly (readonly number[])[];
}
