export type { WithdrawnJob } from "./cancel-runs.ts";
export { mendStranded } from "./mend-stranded.ts";
export { findUnplanned, planStudies, type UnplannedStudy } from "./plan-studies.ts";
export { readOutcome, type StudyOutcome } from "./read-outcome.ts";
export { readPlannable } from "./read-plannable.ts";
export {
  cancelStudy,
  closeStudy,
  findStudy,
  readStudyState,
  rerunStudy,
  supersedeRuns,
} from "./study-actions.ts";
export type {
  PlannableImages,
  PlannableInstance,
  PlannableStudy,
  PlannedRefusal,
  StudyPlan,
} from "./study-plan.ts";
