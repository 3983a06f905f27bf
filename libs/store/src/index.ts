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
export * from "./recording/index.ts";
export * from "./schema.ts";
export * from "./transient-error.ts";
export * from "./views/index.ts";
