export * from "./announce-workers.ts";
export * from "./feedback.ts";
export * from "./locked-task.ts";
export * from "./replay-dead.ts";
export * from "./settle-runs.ts";
export * from "./task-inputs.ts";
export * from "./task-outcome.ts";
export * from "./write-outcomes.ts";
