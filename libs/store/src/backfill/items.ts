import { type BackfillItemState, newId, type StudyId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import type { BackfillRow } from "./backfills.ts";

/** What the client says of a study: it will send it, has sent it, or has nothing to send of it. */
export interface ReportedItem {
  readonly study: string;
  readonly state: "waiting" | "sent" | "refused" | "failed";
  readonly code: string | null;
  /** Instances came that the server did not have: what is running or over runs again. */
  readonly fresh: boolean;
}

/** Writes what the client reports; a report that is repeated changes nothing. */
export async function reportItems(
  db: Database,
  backfill: { readonly id: string; readonly tenant: TenantId },
  items: readonly ReportedItem[],
): Promise<void> {
  const unique = new Map(items.map((item) => [item.study, item]));
  const rows = [...unique.values()].map((item) => ({ ...item, id: newId() }));
  await sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb)
        AS r(id text, study text, state text, code text, fresh boolean))
    INSERT INTO backfill_item AS item
      (id, backfill_id, tenant_id, study_uid, state, code, finished_at)
    SELECT r.id, ${backfill.id}, ${backfill.tenant}, r.study, r.state, r.code,
      CASE WHEN r.state IN ('refused', 'failed') THEN now() END
    FROM r ORDER BY r.study
    ON CONFLICT (backfill_id, study_uid) DO UPDATE SET
      state = excluded.state, code = excluded.code, finished_at = excluded.finished_at
    WHERE CASE WHEN item.attempts = 0 AND item.state IN ('waiting', 'refused', 'failed')
        THEN excluded.state = 'sent' OR item.state = 'waiting' OR item.code = 'not-sent'
      -- Instances came for what runs or is over: it runs again.
      ELSE item.state IN ('running', 'done', 'refused', 'failed', 'skipped')
        AND excluded.state = 'sent'
        AND EXISTS (SELECT FROM r WHERE r.study = excluded.study_uid AND r.fresh) END`.execute(db);
}

/**
 * The source is read to its end: what is there may start, and what a client should have sent and
 * never came never will.
 */
export async function endListing(
  trx: DatabaseTransaction,
  { id: backfill, source }: Pick<BackfillRow, "id" | "source">,
): Promise<void> {
  await sql`
    UPDATE backfill_item SET whole = true WHERE backfill_id = ${backfill} AND state = 'sent'
      AND NOT whole`.execute(trx);
  await sql`
    UPDATE backfill_item SET state = 'failed', code = 'not-sent', finished_at = now()
    WHERE backfill_id = ${backfill} AND state = 'waiting' AND ${source === "sent"}`.execute(trx);
  await trx.updateTable("backfill").set({ listed: true }).where("id", "=", backfill).execute();
}

/**
 * Nothing more of it starts. Studies that were stored for it and not closed yet are cancelled;
 * those that run are returned, for the caller to cancel.
 */
export async function cancelItems(trx: DatabaseTransaction, backfill: string): Promise<StudyId[]> {
  const { rows } = await sql<{ study: StudyId }>`
    WITH no_pulls AS (DELETE FROM pull WHERE backfill_id = ${backfill}
    ), open AS MATERIALIZED (SELECT id, state, tenant_id, study_uid FROM backfill_item
      WHERE backfill_id = ${backfill} AND state IN ('waiting', 'sent', 'running') FOR UPDATE
    ), stopped AS (
      UPDATE backfill_item AS item SET state = 'skipped', code = 'cancelled', finished_at = now()
      FROM open WHERE item.id = open.id
    ), left_open AS (
      UPDATE study SET state = 'cancelled', completed_at = now(), state_since = now()
      FROM open WHERE study.tenant_id = open.tenant_id AND study.study_uid = open.study_uid
        AND open.state IN ('waiting', 'sent') AND study.state = 'receiving')
    SELECT study.id AS study FROM open JOIN study
      ON study.tenant_id = open.tenant_id AND study.study_uid = open.study_uid
    WHERE open.state = 'running' AND study.state = 'closed'`.execute(trx);
  return rows.map(({ study }) => study);
}

/** Starts failed items again. Returns how many. */
export async function retryItems(trx: DatabaseTransaction, backfill: string): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE backfill_item SET state = CASE
        WHEN code IN ('not-sent', 'not-pulled') THEN 'waiting' ELSE 'sent' END,
      whole = true, code = NULL, finished_at = NULL
    WHERE backfill_id = ${backfill} AND state = 'failed'`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

interface ItemSearch {
  readonly backfill: string;
  readonly state: BackfillItemState | null;
  readonly after: string | null;
  readonly limit: number;
}

/** Items in the order in which they were found, from after `after` on. */
export function searchItems(db: Database, { backfill, state, after, limit }: ItemSearch) {
  let query = db.selectFrom("backfill_item").selectAll().where("backfill_id", "=", backfill);
  if (state !== null) query = query.where("state", "=", state);
  if (after !== null) query = query.where("id", ">", after);
  return query.orderBy("id").limit(limit).execute();
}
export type BackfillItemRow = Awaited<ReturnType<typeof searchItems>>[number];
