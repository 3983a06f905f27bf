import type { BlobStore } from "@axial/blobs";
import type { ModelCatalogue } from "@axial/inference/packages";
import type { Logger, Metrics } from "@axial/kit";
import type { Database } from "@axial/store/database";
import type { AddressGuard } from "./delivery/address-guard.ts";
import type { OutstandingCache } from "./scaling/outstanding-cache.ts";
import type { StudyWatcher } from "./watch/study-watcher.ts";

/** What the routes are a function of. */
export interface RouteDependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly models: ModelCatalogue;
  readonly outstanding: OutstandingCache;
  readonly watcher: StudyWatcher;
  /** Which addresses webhooks may reach. */
  readonly guard: AddressGuard;
}
