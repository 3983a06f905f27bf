export { type Evaluation, evaluateModel } from "./evaluate-model.ts";
