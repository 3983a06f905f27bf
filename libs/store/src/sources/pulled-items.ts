import { newId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { type BackfillRow, IN_WINDOW } from "../backfill/backfills.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";

/** A study that a source lists. */
interface PulledItem {
  /** As the source names it. */
  readonly sourceUid: string;
  /** As it is stored. */
  readonly storedUid: string;
}

interface Listed {
  readonly backfill: { readonly id: string; readonly tenant: TenantId };
  readonly items: readonly PulledItem[];
  /** Where listing goes on; null: the source is read to its end. */
  readonly next: string | null;
}

/** Adds what one step of listing has found, and notes how far it came. */
export async function listPullItems(
  trx: DatabaseTransaction,
  { backfill, items, next }: Listed,
): Promise<void> {
  const rows = items.map((item) => ({ id: newId<string>(), ...item }));
  await sql`
    INSERT INTO backfill_item (id, backfill_id, tenant_id, study_uid, source_uid, state)
    SELECT id, ${backfill.id}, ${backfill.tenant}, "storedUid", "sourceUid", 'waiting'
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb)
      AS i(id text, "sourceUid" text, "storedUid" text)
    ON CONFLICT (backfill_id, study_uid) DO NOTHING`.execute(trx);
  await sql`
    UPDATE backfill SET listed = ${next === null}, listed_after = coalesce(${next}, listed_after)
    WHERE id = ${backfill.id}`.execute(trx);
}

/**
 * Has the next waiting items of a backfill pulled, within its hours, so that at most `limit` are on
 * their way or here without having been started. Returns how many were added.
 */
export async function pullItems(
  trx: DatabaseTransaction,
  backfill: BackfillRow,
  limit: number,
): Promise<number> {
  if (backfill.source_id === null) return 0;
  const { rows } = await sql<{ item: string; source_uid: string; study_uid: string }>`
    SELECT item.id AS item, item.source_uid, item.study_uid
    FROM backfill_item AS item JOIN backfill ON backfill.id = item.backfill_id
    WHERE item.backfill_id = ${backfill.id} AND item.state = 'waiting'
      AND item.source_uid IS NOT NULL AND backfill.state = 'running' AND ${IN_WINDOW}
      AND NOT EXISTS (SELECT FROM pull
        WHERE pull.source_id = ${backfill.source_id} AND pull.study_uid = item.source_uid
          AND pull.state = 'waiting')
    ORDER BY item.id
    LIMIT greatest(0, ${limit}::integer
      - (SELECT count(*) FROM pull WHERE pull.backfill_id = ${backfill.id})
      - (SELECT count(*) FROM backfill_item AS here
          WHERE here.backfill_id = ${backfill.id} AND here.state = 'sent'))`.execute(trx);
  const pulls = rows.map((row) => ({ id: newId<string>(), ...row }));
  await sql`
    INSERT INTO pull (id, tenant_id, source_id, backfill_id, study_uid, stored_uid, lane, models)
    SELECT id, ${backfill.tenant_id}, ${backfill.source_id}, ${backfill.id}, source_uid, study_uid,
      'backfill', ${backfill.models}::text[]
    FROM jsonb_to_recordset(${jsonParameter(pulls)}::jsonb)
      AS p(id text, source_uid text, study_uid text)
    ON CONFLICT (source_id, study_uid) WHERE state = 'waiting' DO NOTHING`.execute(trx);
  return pulls.length;
}

/** Takes over how pulls of a backfill ended: the item is here, or it failed. Returns how many. */
export async function settlePulledItems(db: Database, backfill: string): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH ended AS (
      DELETE FROM pull WHERE backfill_id = ${backfill} AND state <> 'waiting'
      RETURNING stored_uid, state)
    UPDATE backfill_item AS item SET whole = true,
      state = CASE WHEN ended.state = 'done' THEN 'sent' ELSE 'failed' END,
      code = CASE WHEN ended.state = 'done' THEN NULL ELSE 'not-pulled' END,
      finished_at = CASE WHEN ended.state = 'done' THEN NULL ELSE now() END
    FROM ended WHERE item.backfill_id = ${backfill} AND item.study_uid = ended.stored_uid
      AND item.state = 'waiting'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
