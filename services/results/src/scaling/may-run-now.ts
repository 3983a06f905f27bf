import { LANES, type Lane } from "@axial/contracts";
import type { Outstanding } from "@axial/store/views";

/** Unfinished tasks of one lane and model, over all tenants. */
export interface LaneWork {
  readonly lane: Lane;
  readonly model: string;
  readonly pending: number;
  /** Dispatched or running. */
  readonly active: number;
  /** Images of what runs, and of what could if there were workers. */
  readonly images: number;
}

/**
 * What more workers would do something for: a paused tenant's tasks, those not yet due and those
 * beyond a tenant's limits would not run on them. A tenant's room goes to its higher lanes first,
 * as the dispatcher gives it.
 */
export function mayRunNow(rows: readonly Outstanding[]): LaneWork[] {
  const room = new Map(rows.map(({ tenant }) => [tenant, roomOf(rows, tenant)]));
  const work = new Map<string, LaneWork>();
  const byLane = rows.toSorted((a, b) => LANES.indexOf(a.lane) - LANES.indexOf(b.lane));
  for (const row of byLane) {
    const left = room.get(row.tenant) ?? 0;
    const runs = Math.min(row.due, left);
    room.set(row.tenant, left - runs);
    const images = row.activeImages + (runs === 0 ? 0 : (row.dueImages * runs) / row.due);
    const key = `${row.lane} ${row.model}`;
    const before = work.get(key);
    work.set(key, {
      lane: row.lane,
      model: row.model,
      pending: (before?.pending ?? 0) + row.pending,
      active: (before?.active ?? 0) + row.active,
      images: (before?.images ?? 0) + images,
    });
  }
  return [...work.values()];
}

/** How many more tasks of a tenant its limits allow within the next minute. */
function roomOf(rows: readonly Outstanding[], tenant: Outstanding["tenant"]): number {
  const own = rows.filter((row) => row.tenant === tenant);
  const [first] = own;
  if (first === undefined || first.paused) return 0;
  const active = own.reduce((sum, row) => sum + row.active, 0);
  return Math.max(
    0,
    Math.min(
      first.maxConcurrent === null ? Number.POSITIVE_INFINITY : first.maxConcurrent - active,
      first.rateRoom ?? Number.POSITIVE_INFINITY,
    ),
  );
}
