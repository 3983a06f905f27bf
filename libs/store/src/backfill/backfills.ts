import type { BackfillFilter, BackfillSource, BackfillState, TenantId } from "@axial/contracts";
import { newId } from "@axial/contracts";
import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { BackfillTable } from "../schema.ts";

export type BackfillRow = Selectable<BackfillTable>;

export interface NewBackfill {
  readonly tenant: TenantId;
  readonly name: string;
  readonly source: BackfillSource;
  /** Of `pulled`: where from. */
  readonly sourceId?: string | undefined;
  /** What the client sends: the same key goes on with the backfill that is not over. */
  readonly sourceKey: string | null;
  readonly filter: BackfillFilter;
  /** A client names its studies one by one. */
  readonly named?: boolean;
  readonly models: readonly string[] | null;
  readonly window: string | null;
  readonly timeZone: string;
  readonly ratePerMinute: number | null;
}

/** Creates a backfill, or returns the unfinished one of the same source. */
export async function createBackfill(
  db: Database | DatabaseTransaction,
  backfill: NewBackfill,
): Promise<{ readonly row: BackfillRow; readonly created: boolean }> {
  const created = await db
    .insertInto("backfill")
    .values({
      id: newId(),
      tenant_id: backfill.tenant,
      name: backfill.name,
      source: backfill.source,
      source_id: backfill.sourceId ?? null,
      source_key: backfill.sourceKey,
      filter: JSON.stringify(backfill.filter),
      manifest: backfill.named ?? false,
      models: backfill.models === null ? null : [...backfill.models],
      time_window: backfill.window,
      time_zone: backfill.timeZone,
      rate_per_minute: backfill.ratePerMinute,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["tenant_id", "source_key"])
        .where("source_key", "is not", null)
        .where("state", "in", ["running", "paused"])
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  if (created !== undefined) return { row: created, created: true };
  const row = await db
    .selectFrom("backfill")
    .selectAll()
    .where("tenant_id", "=", backfill.tenant)
    .where("source_key", "=", backfill.sourceKey)
    .where("state", "in", ["running", "paused"])
    .executeTakeFirstOrThrow();
  return { row, created: false };
}

/** The tenant's backfill, or null. */
export async function findBackfill(
  db: Database | DatabaseTransaction,
  tenant: TenantId,
  id: string,
): Promise<BackfillRow | null> {
  const query = db.selectFrom("backfill").selectAll().where("tenant_id", "=", tenant);
  return (await query.where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Backfills of a tenant, newest first, from before `before` on. */
export function listBackfills(
  db: Database,
  tenant: TenantId,
  page: { readonly before: string | null; readonly limit: number },
): Promise<BackfillRow[]> {
  let query = db.selectFrom("backfill").selectAll().where("tenant_id", "=", tenant);
  if (page.before !== null) query = query.where("id", "<", page.before);
  return query.orderBy("id", "desc").limit(page.limit).execute();
}

/** Backfills that may start items now: running, and inside their hours. */
export async function activeBackfills(db: Database): Promise<BackfillRow[]> {
  const { rows } = await sql<BackfillRow>`
    SELECT * FROM backfill WHERE state = 'running' ORDER BY id`.execute(db);
  return rows;
}

/** Whether the hours of a backfill, in its time zone, hold this moment. */
export const IN_WINDOW = sql<boolean>`(time_window IS NULL OR (
  SELECT CASE WHEN opens <= closes THEN clock >= opens AND clock < closes
    ELSE clock >= opens OR clock < closes END
  FROM (SELECT (now() AT TIME ZONE time_zone)::time AS clock,
    split_part(time_window, '-', 1)::time AS opens,
    split_part(time_window, '-', 2)::time AS closes) AS hours))`;

interface BackfillChange {
  readonly name?: string;
  readonly window?: string | null;
  readonly timeZone?: string;
  readonly ratePerMinute?: number | null;
}

/** Changes what may change while it runs. */
export async function changeBackfill(
  trx: DatabaseTransaction,
  id: string,
  { name, window, timeZone, ratePerMinute }: BackfillChange,
): Promise<void> {
  const set = {
    ...(name === undefined ? {} : { name }),
    ...(window === undefined ? {} : { time_window: window }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    ...(ratePerMinute === undefined ? {} : { rate_per_minute: ratePerMinute, rate_tokens: 0 }),
  };
  if (Object.keys(set).length === 0) return;
  await trx.updateTable("backfill").set(set).where("id", "=", id).execute();
}

/** Moves a backfill to `to` from one of `from`; false when it is in another state. */
export async function moveBackfill(
  trx: DatabaseTransaction,
  id: string,
  { from, to }: { readonly from: readonly BackfillState[]; readonly to: BackfillState },
): Promise<boolean> {
  const over = to === "cancelled" || to === "done";
  const { numUpdatedRows } = await trx
    .updateTable("backfill")
    .set({ state: to, finished_at: over ? new Date() : null })
    .where("id", "=", id)
    .where("state", "in", [...from])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
