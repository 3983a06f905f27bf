import { type Logger, type Metrics, OutageLog } from "@axial/kit";
import type { Database } from "@axial/store/database";

export interface FiguresOptions {
  readonly db: Database;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

interface Figures {
  /** What the log calls them. */
  readonly name: string;
  /** They are read again after this; a scrape in between finds them as they are. */
  readonly freshMs: number;
  /** Makes them absent, as they are while Postgres is away. */
  reset(metrics: Metrics): void;
  read(db: Database, metrics: Metrics): Promise<void>;
}

/** Sets gauges from Postgres at a scrape, seldom enough for what they cost to read. */
export function feedFigures(
  { db, metrics, logger }: FiguresOptions,
  { name, freshMs, reset, read }: Figures,
): void {
  const outage = new OutageLog(logger, name);
  let freshUntil = 0;
  metrics.registry.beforeScrape(async () => {
    if (Date.now() < freshUntil) return;
    freshUntil = Date.now() + freshMs;
    try {
      await read(db, metrics);
      outage.worked();
    } catch (error) {
      freshUntil = 0;
      reset(metrics);
      outage.failed(error);
    }
  });
}
