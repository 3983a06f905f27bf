import { DESTINATION_KINDS } from "@axial/contracts";
import { type Logger, type Metrics, OutageLog } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { countDeliveries } from "@axial/store/delivery";

/** Fresh enough for an alert, and seldom enough for a table of millions. */
const FRESH_MS = 15_000;

/**
 * Sets the gauge `axial_deliveries` when it is scraped. While Postgres is away it is absent, and the
 * other metrics are served all the same.
 */
export function feedDeliveryGauge(db: Database, metrics: Metrics, logger: Logger): void {
  const outage = new OutageLog(logger, "database");
  let freshUntil = 0;
  const collect = async (): Promise<void> => {
    if (Date.now() < freshUntil) return;
    try {
      const counts = await countDeliveries(db);
      metrics.deliveriesOpen.reset();
      for (const kind of DESTINATION_KINDS) {
        for (const state of ["pending", "dead"]) metrics.deliveriesOpen.set({ kind, state }, 0);
      }
      for (const { kind, state, count } of counts) {
        metrics.deliveriesOpen.set({ kind, state }, count);
      }
      freshUntil = Date.now() + FRESH_MS;
      outage.worked();
    } catch (error) {
      metrics.deliveriesOpen.reset();
      outage.failed(error);
    }
  };
  Object.assign(metrics.deliveriesOpen, { collect });
}
