import type { BlobStore } from "@axial/blobs";
import type { PoolKey } from "@axial/contracts";
import { ModelCatalogue } from "@axial/inference/packages";
import { type Logger, type Metrics, NO_TRACING, type Queues, type Tracing } from "@axial/kit";
import { type AddressGuard, createAddressGuard } from "@axial/kit/network";
import { type Connections, TenantLimitCache } from "@axial/service";
import type { Database } from "@axial/store/database";
import { DrawingPool } from "./render/drawing/drawing-pool.ts";
import { OutstandingCache } from "./scaling/outstanding-cache.ts";
import { StudyWatcher } from "./watch/study-watcher.ts";

/** What the routes and loops of results are functions of. */
export interface Dependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly models: ModelCatalogue;
  /** Keys of the workers' pool; without any, outcomes are taken unsigned. */
  readonly outcomeKeys: readonly PoolKey[];
  readonly outstanding: OutstandingCache;
  readonly watcher: StudyWatcher;
  /** How many event streams each tenant may have open. */
  readonly limits: TenantLimitCache;
  /** Threads that draw heat maps. */
  readonly drawings: DrawingPool;
  /** Which addresses destinations may be at. */
  readonly guard: AddressGuard;
  /** Below it lie the destinations that are folders; null: there may be none. */
  readonly destinationFolder: string | null;
  /** How people reach this installation, for links in what leaves it; null for no links. */
  readonly publicUrl: string | null;
}

export interface ResultsOptions extends Connections {
  readonly queues: Queues;
  readonly modelsDir: string;
  readonly outcomeKeys?: readonly PoolKey[];
  /** Networks inside the house where destinations may be, such as `10.1.0.0/16`; none without it. */
  readonly destinationNetworks?: readonly string[];
  /** Below it lie the destinations that are folders; without it there may be none. */
  readonly destinationFolder?: string | undefined;
  readonly publicUrl?: string | undefined;
}

export function createDependencies(options: ResultsOptions): Dependencies {
  const { db, databaseUrl, blobs, queues, logger, metrics, tracing = NO_TRACING } = options;
  return {
    db,
    blobs,
    queues,
    logger,
    metrics,
    tracing,
    models: new ModelCatalogue(options.modelsDir, (folder, err) =>
      logger.warn({ err, folder }, "invalid model"),
    ),
    outcomeKeys: options.outcomeKeys ?? [],
    outstanding: new OutstandingCache(db),
    watcher: new StudyWatcher(databaseUrl, logger),
    limits: new TenantLimitCache(db),
    drawings: new DrawingPool(),
    guard: createAddressGuard(options.destinationNetworks ?? []),
    destinationFolder: options.destinationFolder || null,
    publicUrl: options.publicUrl?.replace(/\/$/, "") || null,
  };
}
