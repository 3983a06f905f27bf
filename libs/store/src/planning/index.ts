export type { WithdrawnJob } from "./cancel-runs.ts";
export {
  findUnplanned,
  type PlannableInstance,
  type PlannableStudy,
  type PlannedRefusal,
  type PlannedTask,
  planStudy,
  type StudyPlan,
} from "./plan-study.ts";
export {
  cancelStudy,
  findStudy,
  type RerunOptions,
  rerunStudy,
  supersedeRuns,
} from "./study-actions.ts";
