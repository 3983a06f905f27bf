import {
  BACKFILL_ITEM_STATES,
  type BackfillItemView,
  type BackfillSummary,
  type BackfillView,
} from "@axial/contracts";
import {
  type BackfillItemRow,
  type BackfillRow,
  countItems,
  finishedByMinute,
  finishedInAll,
  slowestItems,
  topReasons,
} from "@axial/store/backfill";
import type { Database } from "@axial/store/database";

const MINUTES = 60;
const RATE_MINUTES = 5;
const REASONS = 10;
const SLOWEST = 10;

export function backfillSummary(row: BackfillRow): BackfillSummary {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    filter: row.filter,
    models: row.models,
    state: row.state,
    listed: row.listed,
    window: row.time_window,
    timeZone: row.time_zone,
    ratePerMinute: row.rate_per_minute,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** A backfill with its counts, rates, reasons and slowest items. */
export async function backfillView(db: Database, row: BackfillRow): Promise<BackfillView> {
  const [counts, finished, inAll, reasons, slowest] = await Promise.all([
    countItems(db, row.id),
    finishedByMinute(db, row.id, MINUTES),
    finishedInAll(db, row.id),
    topReasons(db, row.id, REASONS),
    slowestItems(db, row.id, SLOWEST),
  ]);
  const items = Object.fromEntries(
    BACKFILL_ITEM_STATES.map((state) => [state, counts[state] ?? 0]),
  ) as BackfillView["items"];
  const now = finished.slice(-RATE_MINUTES).reduce((sum, count) => sum + count, 0) / RATE_MINUTES;
  const left = items.waiting + items.sent + items.running;
  return {
    ...backfillSummary(row),
    items,
    perMinute: { now, average: inAll.minutes > 0 ? inAll.items / inAll.minutes : 0 },
    etaSeconds: left === 0 ? 0 : row.listed && now > 0 ? (left / now) * 60 : null,
    reasons,
    slowest,
    finished,
  };
}

export function itemView(row: BackfillItemRow): BackfillItemView {
  return {
    id: row.id,
    study: row.study_uid,
    state: row.state,
    code: row.code,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
