export type {
  BackfillSummary,
  BackfillView,
  DeliveryView,
  DestinationView,
  NewDestination,
  NewPull,
  NewSource,
  PullView,
  SourceView,
  StudyView,
} from "@axial/contracts";
export { ApiError } from "./api-error.ts";
export { AxialClient } from "./axial-client.ts";
export type { ServerSentEvent } from "./server-sent-events.ts";
export type { StoreAnswer, StoredFile, StoreOptions, StoreOutcome } from "./store.ts";
export type { ReportFormat } from "./studies.ts";
export type { Connection } from "./transport.ts";
