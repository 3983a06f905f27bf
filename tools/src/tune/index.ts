export { type OpenCandidate, openCandidate } from "./measure.ts";
export { type Measured, type TuneOptions, type TuningReport, tuneModel } from "./tune-model.ts";
