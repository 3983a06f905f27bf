import {
  BACKFILL_ITEM_STATES,
  type BackfillItemState,
  type BackfillItemView,
  type BackfillSummary,
  type BackfillView,
} from "@axial/contracts";
import {
  type BackfillItemRow,
  type BackfillRow,
  finishedByMinute,
  type ItemTally,
  readTally,
  slowestItems,
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
  const [tally, finished, slowest] = await Promise.all([
    readTally(db, row.id),
    finishedByMinute(db, row.id, MINUTES),
    slowestItems(db, row.id, SLOWEST),
  ]);
  const items = itemsByState(tally);
  const now = finished.slice(-RATE_MINUTES).reduce((sum, count) => sum + count, 0) / RATE_MINUTES;
  const left = items.waiting + items.sent + items.running;
  return {
    ...backfillSummary(row),
    items,
    perMinute: { now, average: averagePerMinute(tally) },
    etaSeconds: left === 0 ? 0 : row.listed && now > 0 ? (left / now) * 60 : null,
    reasons: reasonsOf(tally).slice(0, REASONS),
    slowest,
    finished,
  };
}

function itemsByState(tally: readonly ItemTally[]): BackfillView["items"] {
  const count = (state: BackfillItemState) =>
    tally.reduce((sum, one) => sum + (one.state === state ? one.items : 0), 0);
  return Object.fromEntries(
    BACKFILL_ITEM_STATES.map((state) => [state, count(state)]),
  ) as BackfillView["items"];
}

/** The most frequent first. */
function reasonsOf(tally: readonly ItemTally[]): BackfillView["reasons"] {
  return tally.flatMap(({ state, code, items }) =>
    code === null || items === 0 ? [] : [{ state, code, items }],
  );
}

/** Items that ended, by the minutes from the first start to the last end. */
function averagePerMinute(tally: readonly ItemTally[]): number {
  const times = (of: "firstStarted" | "lastFinished") =>
    tally.flatMap((one) => one[of]?.getTime() ?? []);
  const minutes =
    (Math.max(...times("lastFinished")) - Math.min(...times("firstStarted"))) / 60_000;
  const ended = tally.reduce((sum, one) => sum + one.ended, 0);
  return minutes > 0 ? ended / minutes : 0;
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
