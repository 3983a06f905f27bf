import { type BlobStore, openBlobStore } from "@axial/blobs";
import {
  createMetrics,
  feedQueueMetrics,
  type Logger,
  type Metrics,
  openQueues,
  type Queues,
} from "@axial/kit";
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
  const metrics = createMetrics("worker");
  const queues = openQueues(config.queueUrl, { logger });
  feedQueueMetrics(queues, metrics);
  return {
    config,
    queues,
    blobs: openBlobStore(config.blobUrl),
    logger,
    metrics,
  };
}
