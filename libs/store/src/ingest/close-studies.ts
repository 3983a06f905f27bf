import type { StudyId, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { notifying } from "../notify.ts";
import { ORDERED_LANE } from "../orders.ts";

/** What closed a study. */
export type CloseReason = "expected" | "request" | "explicit" | "quiet";

/** Studies that one transaction of the quiet sweep closes; the rest follow in the next. */
const SWEEP_BATCH = 200;

/** Patients who contradict each other: a replacement that is not complete. */
const CONTRADICTS = sql<boolean>`EXISTS (SELECT FROM study_identity
  WHERE study_identity.study_id = study.id AND study_identity.resolved_at IS NULL)`;

/**
 * Closes the receiving studies that match `condition`, in the lane that their orders ask for, and
 * notifies the planner and their watchers.
 * One whose instances name several patients is held instead.
 */
export async function closeWhere(
  db: Database | DatabaseTransaction,
  condition: RawBuilder<boolean>,
  reason: CloseReason,
): Promise<StudyId[]> {
  const { rows } = await sql<{ id: StudyId }>`
    WITH closed AS (
      UPDATE study SET close_reason = ${reason}, closed_at = now(),
        completed_at = NULL, state_since = now(), lane = ${ORDERED_LANE},
        state = CASE WHEN ${CONTRADICTS} THEN 'held' ELSE 'closed' END,
        plan_reason = CASE WHEN ${CONTRADICTS} THEN NULL
          WHEN EXISTS (SELECT FROM run WHERE run.study_id = study.id)
          THEN 'late-arrival' ELSE 'closed' END
      WHERE study.state = 'receiving' AND ${condition}
      RETURNING study.id)
    SELECT id, ${notifying("study-closed", "id")} FROM closed`.execute(db);
  return rows.map((row) => row.id);
}

/** Closes studies of a tenant; those that are not receiving are left alone. */
export async function closeStudies(
  db: Database,
  tenant: TenantId,
  studies: { readonly ids: readonly StudyId[]; readonly reason: CloseReason },
): Promise<void> {
  if (studies.ids.length === 0) return;
  const ids = [...studies.ids];
  await db.transaction().execute(async (trx) => {
    await sql`SELECT id FROM study WHERE id = ANY(${ids}) ORDER BY tenant_id, study_uid
      FOR UPDATE`.execute(trx);
    const condition = sql<boolean>`study.id = ANY(${ids}) AND study.tenant_id = ${tenant}`;
    await closeWhere(trx, condition, studies.reason);
  });
}

/**
 * Closes studies that have been quiet for their tenant's period: the fallback for senders that
 * never say when they are done. A study that waits for its turn in a backfill, or that is being
 * pulled, is left to it. The shortest period bounds the index scan. Returns how many were closed; a
 * full batch means that there may be more.
 */
export async function closeQuietStudies(db: Database): Promise<number> {
  const closed = await closeWhere(
    db,
    sql<boolean>`study.id IN (
      SELECT s.id FROM study s JOIN tenant t ON t.id = s.tenant_id
      WHERE s.state = 'receiving'
        AND s.last_instance_at < now() - make_interval(
          secs => (SELECT min(quiet_period_seconds) FROM tenant))
        AND s.last_instance_at < now() - make_interval(secs => t.quiet_period_seconds)
        AND NOT EXISTS (SELECT FROM backfill_item AS item WHERE item.tenant_id = s.tenant_id
          AND item.study_uid = s.study_uid AND item.state IN ('waiting', 'sent'))
        AND NOT EXISTS (SELECT FROM pull WHERE pull.tenant_id = s.tenant_id
          AND pull.stored_uid = s.study_uid AND pull.state = 'waiting')
      ORDER BY s.last_instance_at LIMIT ${SWEEP_BATCH} FOR UPDATE OF s SKIP LOCKED)`,
    "quiet",
  );
  return closed.length;
}
