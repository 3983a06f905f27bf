import type { BlobStore } from "@axial/blobs";
import { ModelCatalogue } from "@axial/inference/packages";
import type { Logger, Metrics, Queues } from "@axial/kit";
import type { Database } from "@axial/store/database";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { resultsApp } from "./app.ts";
import { createAddressGuard } from "./delivery/address-guard.ts";
import { startDeliverySender } from "./delivery/sender.ts";
import { startRecorder } from "./recorder/recorder.ts";
import { OutstandingCache } from "./scaling/outstanding-cache.ts";
import { startSweeper } from "./sweep/sweeper.ts";
import { StudyWatcher } from "./watch/study-watcher.ts";

export interface ResultsOptions {
  readonly db: Database;
  /** Listens to notifications on a connection of its own. */
  readonly databaseUrl: string;
  readonly queues: Queues;
  readonly blobs: BlobStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly modelsDir: string;
  /** Networks inside the house that webhooks may reach, such as `10.1.0.0/16`; none without it. */
  readonly webhookNetworks?: readonly string[];
}

export interface ResultsService {
  readonly app: FastifyPluginAsyncTypebox;
  /** Resolves once every message that was taken is recorded. */
  close(): Promise<void>;
}

/** Starts recording; the app serves what is recorded on whatever server it is registered on. */
export function startResults(options: ResultsOptions): ResultsService {
  const { db, databaseUrl, logger, metrics, modelsDir } = options;
  const outstanding = new OutstandingCache(db);
  outstanding.feed(metrics, logger);
  const watcher = new StudyWatcher(databaseUrl, logger);
  const models = new ModelCatalogue(modelsDir, (folder, err) =>
    logger.warn({ err, folder }, "invalid model"),
  );
  const guard = createAddressGuard(options.webhookNetworks ?? []);
  const sender = startDeliverySender({ db, guard, logger });
  const sweeper = startSweeper(options);
  const recorder = startRecorder(options);
  return {
    app: resultsApp({ ...options, models, outstanding, watcher, guard }),
    close: async () => {
      await Promise.all([recorder.close(), sender.close(), sweeper.close()]);
      await watcher.close();
    },
  };
}
