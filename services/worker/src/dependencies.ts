import { type BlobStore, openBlobStore } from "@axial/blobs";
import {
  createMetrics,
  feedQueueMetrics,
  type Logger,
  type Metrics,
  NO_TRACING,
  openQueues,
  type Queues,
  type Tracing,
} from "@axial/kit";
import type { Config } from "./config.ts";

/** What the supervisor and its parts are functions of. */
export interface Dependencies {
  readonly config: Config;
  readonly queues: Queues;
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export function createDependencies(
  config: Config,
  logger: Logger,
  tracing: Tracing = NO_TRACING,
): Dependencies {
  const metrics = createMetrics("worker", { exemplars: tracing.isOn });
  const queues = openQueues(config.queueUrl, { logger });
  feedQueueMetrics(queues, metrics);
  return {
    config,
    queues,
    blobs: openBlobStore(config.blobUrl),
    logger,
    metrics,
    tracing,
  };
}
