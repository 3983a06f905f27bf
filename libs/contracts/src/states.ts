import { Type } from "typebox";

/** receiving → closed → complete; a late arrival opens it again. */
export const STUDY_STATES = ["receiving", "closed", "complete", "cancelled"] as const;
export type StudyState = (typeof STUDY_STATES)[number];
export const FINISHED_STUDY_STATES: readonly StudyState[] = ["complete", "cancelled"];
export const StudyStateSchema = Type.Enum([...STUDY_STATES]);

/** A run is one plan over a study's instances; a newer run supersedes it. */
export const RUN_STATES = ["active", "complete", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RunStateSchema = Type.Enum([...RUN_STATES]);

/** pending → dispatched → running → done | refused | dead; cancelled from any unfinished one. */
export const TASK_STATES = [
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
export const FINISHED_TASK_STATES: readonly TaskState[] = ["done", "refused", "dead", "cancelled"];
