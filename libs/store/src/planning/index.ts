export type { WithdrawnJob } from "./cancel-runs.ts";
export { mendStranded } from "./mend-stranded.ts";
export {
  findUnplanned,
  type PlannableInstance,
  type PlannableStudy,
  type PlannedRefusal,
  type PlannedTask,
  planStudies,
  type StudyPlan,
  type UnplannedStudy,
} from "./plan-studies.ts";
export { readOutcome, type StudyOutcome } from "./read-outcome.ts";
export {
  cancelStudy,
  closeStudy,
  findStudy,
  type RerunOptions,
  readStudyState,
  rerunStudy,
  supersedeRuns,
} from "./study-actions.ts";
