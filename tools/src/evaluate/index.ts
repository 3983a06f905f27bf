export { evaluateModel } from "./evaluate-model.ts";
export type { Evaluation } from "./evaluation.ts";
