import { Type } from "typebox";

/**
 * receiving → closed → complete | complete-with-failures | failed; a late arrival opens it again.
 * `complete-with-failures`: some of its tasks died, others have an answer. `failed`: all of them
 * died and no earlier run has an answer. `held`: its instances name more than one patient, and
 * nothing of it runs before an operator has resolved that.
 */
const STUDY_STATES = [
  "receiving",
  "held",
  "closed",
  "complete",
  "complete-with-failures",
  "failed",
  "cancelled",
] as const;
export type StudyState = (typeof STUDY_STATES)[number];
export const FINISHED_STUDY_STATES: readonly StudyState[] = [
  "complete",
  "complete-with-failures",
  "failed",
  "cancelled",
];
export const StudyStateSchema = Type.Enum([...STUDY_STATES]);

/** A run is one plan over a study's instances; a newer run supersedes it once that has an answer. */
const RUN_STATES = ["active", "complete", "complete-with-failures", "failed", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RunStateSchema = Type.Enum([...RUN_STATES]);

/** pending → dispatched → running → done | refused | dead; cancelled from any unfinished one. */
const TASK_STATES = [
  "pending",
  "dispatched",
  "running",
  "done",
  "refused",
  "dead",
  "cancelled",
] as const;
export type TaskState = (typeof TASK_STATES)[number];
export const TaskStateSchema = Type.Enum([...TASK_STATES]);
