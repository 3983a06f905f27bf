import { BACKFILL_ITEM_STATES, BACKFILL_STATES } from "@axial/contracts";
import type { Metrics } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { readBackfillFigures, readTenantWork } from "@axial/store/views";
import { type FiguresOptions, feedFigures } from "./scraped-figures.ts";

/** So that a thousand tenants make no thousand series. */
const BUSIEST_TENANTS = 20;
/** A backfill of a million studies is counted in a few hundred milliseconds. */
const FRESH_MS = 60_000;

/** Sets what tenants have waiting and at work, and how far backfills are. */
export function feedWorkFigures(options: FiguresOptions): void {
  feedFigures(options, { name: "work of tenants and backfills", freshMs: FRESH_MS, reset, read });
}

function reset({ tenantTasks, backfills, backfillItems }: Metrics): void {
  for (const gauge of [tenantTasks, backfills, backfillItems]) gauge.reset();
}

async function read(db: Database, metrics: Metrics): Promise<void> {
  const [tenants, figures] = await Promise.all([
    readTenantWork(db, BUSIEST_TENANTS),
    readBackfillFigures(db),
  ]);
  reset(metrics);
  for (const { tenant, waiting, running, done } of tenants) {
    for (const [state, tasks] of Object.entries({ waiting, running, done })) {
      metrics.tenantTasks.set({ tenant, state }, tasks);
    }
  }
  for (const state of BACKFILL_STATES) {
    metrics.backfills.set({ state }, figures.backfills.get(state) ?? 0);
  }
  for (const state of BACKFILL_ITEM_STATES) {
    metrics.backfillItems.set({ state }, figures.items.get(state) ?? 0);
  }
}
