import type { BlobStore } from "@axial/blobs";
import type { ModelCatalogue } from "@axial/inference/packages";
import type { Logger, Metrics, OutageLog, Queues } from "@axial/kit";
import type { GroupCommit } from "@axial/kit/loops";
import type { Database } from "@axial/store/database";
import type { InstanceOutcome, NewInstance } from "@axial/store/ingest";
import type { AdmissionGate } from "./admission/admission-gate.ts";
import type { ResultWaiter } from "./results/result-waiter.ts";

/** What the gateway's routes and loops are functions of. */
export interface GatewayServices {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly models: ModelCatalogue;
  readonly gate: AdmissionGate;
  /** Says once per outage that instances cannot be stored, and why. */
  readonly storeOutage: OutageLog;
  readonly results: ResultWaiter;
  /** Base address of the archive, where a door in front does not tell reads from stores. */
  readonly archiveUrl?: string | undefined;
  readonly committer: GroupCommit<NewInstance, InstanceOutcome>;
}
