import { type BlobStore, openBlobStore } from "@axial/blobs";
import { createMetrics, type Logger, type Metrics, openQueues, type Queues } from "@axial/kit";
import type { Config } from "./config.ts";

/** What the supervisor and its parts are functions of. */
export interface Dependencies {
  readonly config: Config;
  readonly queues: Queues;
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createDependencies(config: Config, logger: Logger): Dependencies {
  return {
    config,
    queues: openQueues(config.queueUrl, { logger }),
    blobs: openBlobStore(config.blobUrl),
    logger,
    metrics: createMetrics("worker"),
  };
}
