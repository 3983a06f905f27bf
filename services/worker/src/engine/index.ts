export { aggregate } from "./aggregate.ts";
export { sliceDistance } from "./domain.ts";
export type { InstalledModel } from "./installed-models.ts";
export { openStages, type Stages, type StagesOptions } from "./stages.ts";
export { inputOver, usableSlices } from "./task-result.ts";
