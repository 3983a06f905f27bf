import type { Metrics } from "../metrics.ts";
import type { Queues } from "./queues.ts";

/**
 * Sets the queue's gauges at every scrape. While it does not answer those of its memory are absent,
 * and `axial_queue_writable` is 0.
 */
export function feedQueueMetrics(queues: Queues, metrics: Metrics): void {
  const writable = async (): Promise<void> => {
    const takes = await queues.ping().then(
      () => 1,
      () => 0,
    );
    metrics.queueWritable.set(takes);
  };
  const memory = async (): Promise<void> => {
    const gauges = [metrics.queueUsed, metrics.queueLimit, metrics.queueEvicts];
    for (const gauge of gauges) gauge.remove();
    const read = await queues.memory().catch(() => null);
    if (read === null) return;
    metrics.queueUsed.set(read.usedBytes);
    metrics.queueLimit.set(read.limitBytes);
    metrics.queueEvicts.set(read.evicts ? 1 : 0);
  };
  metrics.registry.beforeScrape(writable);
  metrics.registry.beforeScrape(memory);
}
