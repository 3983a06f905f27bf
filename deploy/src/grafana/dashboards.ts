import { backfill } from "./boards/backfill.ts";
import { destinations } from "./boards/destinations.ts";
import { ingest } from "./boards/ingest.ts";
import { overview } from "./boards/overview.ts";
import { quality } from "./boards/quality.ts";
import { queue } from "./boards/queue.ts";
import { slo } from "./boards/slo.ts";
import { tenants } from "./boards/tenants.ts";
import { workers } from "./boards/workers.ts";
import type { Dashboard } from "./panel.ts";

/** By the names of their files. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  ...{ overview, ingest, queue, workers, backfill },
  ...{ destinations, quality, tenants, slo },
};
