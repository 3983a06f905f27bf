import { fileURLToPath } from "node:url";
import type { Logger, Metrics, Queues } from "@axial/kit";
import {
  type BlobStore,
  type Database,
  isTransientDatabaseError,
  storeInstances,
} from "@axial/store";
import { AdmissionGate } from "./admission/admission-gate.ts";
import { databaseGauge, diskGauge } from "./admission/gauges.ts";
import { GroupCommitter } from "./ingest/group-committer.ts";
import { ModelCatalogue } from "./plan/model-catalogue.ts";
import type { GatewayServices } from "./services.ts";

/** Rows of one commit: about 300 KB of JSON. */
const COMMIT_ITEMS = 256;
const CONCURRENT_COMMITS = 2;

export interface GatewaySettings {
  readonly blobUrl: string;
  readonly modelsDir: string;
  readonly maxPendingTasks: number;
  readonly maxDatabaseBytes: number;
  readonly reservedDiskBytes: number;
}

export interface GatewayConnections {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What the gateway is made of, over connections that its caller opened and will close. */
export function createGatewayServices(
  connections: GatewayConnections,
  settings: GatewaySettings,
): GatewayServices {
  const { db, logger } = connections;
  const { blobUrl, reservedDiskBytes } = settings;
  const disk = blobUrl.startsWith("file:")
    ? [diskGauge(fileURLToPath(blobUrl), reservedDiskBytes)]
    : [];
  return {
    ...connections,
    models: new ModelCatalogue(settings.modelsDir, logger),
    gate: new AdmissionGate([...disk, databaseGauge(db, settings)]),
    committer: new GroupCommitter((instances) => storeInstances(db, instances), {
      maxItems: COMMIT_ITEMS,
      concurrency: CONCURRENT_COMMITS,
      isCommon: isTransientDatabaseError,
    }),
  };
}
