export * from "./blob/blob-store.ts";
export * from "./blob/open-blob-store.ts";
export * from "./database.ts";
export {
  type CloseReason,
  closeQuietStudies,
  closeStudies,
} from "./ingest/close-studies.ts";
export { jsonParameter } from "./ingest/json-parameter.ts";
export type { InstanceOutcome, NewInstance, TagSnapshot } from "./ingest/new-instance.ts";
export { storeInstances } from "./ingest/store-instances.ts";
export * from "./listener.ts";
export * from "./migrate.ts";
export * from "./recording/announce-workers.ts";
export * from "./recording/locked-task.ts";
export * from "./recording/settle-runs.ts";
export * from "./recording/task-outcome.ts";
export * from "./recording/write-outcomes.ts";
export * from "./schema.ts";
export * from "./transient-error.ts";
export * from "./views/outstanding.ts";
export * from "./views/search-results.ts";
export * from "./views/search-studies.ts";
export * from "./views/study-record.ts";
export * from "./views/throughput.ts";
export * from "./views/workers.ts";
