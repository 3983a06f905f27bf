export { type EvaluateOptions, type Evaluation, evaluateModel } from "./evaluate-model.ts";
export type { ClassScores, Scores } from "./scores.ts";
