export { type OpenCandidate, openCandidate } from "./measure.ts";
export { type TuningReport, tuneModel } from "./tune-model.ts";
