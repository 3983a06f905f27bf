import type { StudyId, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { notify } from "../notify.ts";
import { cancelActiveRuns } from "../planning/cancel-runs.ts";

/** How long deleted instances' files are kept. */
const DELETED_KEPT_DAYS = 7;
/** Rows of one statement of the sweep. */
const BATCH = 5_000;

/** A study, a series of it, or an instance of that, by their UIDs. */
interface Deletion {
  readonly tenant: TenantId;
  readonly study: string;
  readonly series?: string | undefined;
  readonly instance?: string | undefined;
}

/** `on-hold`: the study is under legal hold, and nothing was deleted. */
type DeletionOutcome =
  | { readonly status: "deleted"; readonly instances: number }
  | { readonly status: "not-found" | "on-hold" };

/**
 * Deletes instances with every result based on their series. A study without any left is deleted
 * too; otherwise it is planned again over the instances that it still has. The files are kept for
 * `DELETED_KEPT_DAYS`, then swept; an instance that is sent again is new. Audited in the same
 * transaction.
 */
export function deleteInstances(
  db: Database,
  deletion: Deletion,
  by: AuditEntry["principal"],
): Promise<DeletionOutcome> {
  return db
    .transaction()
    .execute(async (trx): Promise<DeletionOutcome> => {
      const found = await trx
        .selectFrom("study")
        .select("id")
        .where("tenant_id", "=", deletion.tenant)
        .where("study_uid", "=", deletion.study)
        .executeTakeFirst();
      if (found === undefined) return { status: "not-found" };
      // Tasks and runs before the study: the order in which the recorder locks them.
      await cancelActiveRuns(trx, found.id);
      const study = await lock(trx, found.id);
      if (study === undefined) return { status: "not-found" };
      if (study.hold_since !== null) throw new OnHold();
      const instances = await keepFiles(trx, found.id, deletion);
      if (instances === 0) throw new Nothing();
      await removeRows(trx, found.id, deletion);
      const level = deletion.instance ? "instance" : deletion.series ? "series" : "study";
      const action = `${level}.delete`;
      await writeAudit(trx, { principal: by, action, target: found.id, detail: { instances } });
      await notify(trx, { event: "study-changed", payload: found.id });
      return { status: "deleted", instances };
    })
    .catch((thrown: unknown): DeletionOutcome => {
      if (thrown instanceof OnHold) return { status: "on-hold" };
      if (thrown instanceof Nothing) return { status: "not-found" };
      throw thrown;
    });
}

/** Thrown to roll back what was done under the locks. */
class OnHold extends Error {}
class Nothing extends Error {}

async function lock(trx: DatabaseTransaction, study: StudyId) {
  return trx
    .selectFrom("study")
    .select("hold_since")
    .where("id", "=", study)
    .forUpdate()
    .executeTakeFirst();
}

/** Which instances of the study, as a condition on `i` and its series `s`. */
function within({ series, instance }: Deletion): RawBuilder<boolean> {
  const bySeries = series === undefined ? sql`true` : sql`s.series_uid = ${series}`;
  const byUid = instance === undefined ? sql`true` : sql`i.sop_instance_uid = ${instance}`;
  return sql<boolean>`${bySeries} AND ${byUid}`;
}

async function keepFiles(
  trx: DatabaseTransaction,
  study: StudyId,
  deletion: Deletion,
): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO deleted_instance (id, tenant_id, study_uid, series_uid, sop_instance_uid, blob,
      bytes, keep_until)
    SELECT i.id, i.tenant_id, ${deletion.study}, s.series_uid, i.sop_instance_uid, i.blob,
      i.bytes, now() + make_interval(days => ${DELETED_KEPT_DAYS})
    FROM instance i JOIN series s ON s.id = i.series_id
    WHERE i.study_id = ${study} AND ${within(deletion)}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

async function removeRows(
  trx: DatabaseTransaction,
  study: StudyId,
  deletion: Deletion,
): Promise<void> {
  const { rows } = await sql<{ series_id: string }>`
    DELETE FROM instance i USING series s
    WHERE s.id = i.series_id AND i.study_id = ${study} AND ${within(deletion)}
    RETURNING i.series_id`.execute(trx);
  const { rows: left } = await sql`
    SELECT FROM instance WHERE study_id = ${study} LIMIT 1`.execute(trx);
  if (left.length === 0) await sql`DELETE FROM study WHERE id = ${study}`.execute(trx);
  else await planAnew(trx, study, [...new Set(rows.map((row) => row.series_id))]);
}

async function planAnew(
  trx: DatabaseTransaction,
  study: StudyId,
  series: readonly string[],
): Promise<void> {
  const touched = sql`${[...series]}::text[]`;
  await sql`DELETE FROM task WHERE study_id = ${study} AND series_id = ANY(${touched})`.execute(
    trx,
  );
  await sql`DELETE FROM refusal WHERE study_id = ${study}
    AND series_id = ANY(${touched})`.execute(trx);
  await sql`UPDATE series SET instance_count =
      (SELECT count(*)::integer FROM instance WHERE series_id = series.id)
    WHERE id = ANY(${touched})`.execute(trx);
  await sql`DELETE FROM series WHERE id = ANY(${touched}) AND instance_count = 0`.execute(trx);
  await sql`DELETE FROM study_identity WHERE study_id = ${study} AND resolved_at IS NULL
    AND NOT EXISTS (SELECT FROM instance WHERE identity_id = study_identity.id)`.execute(trx);
  const held = sql`EXISTS (SELECT FROM study_identity
    WHERE study_id = study.id AND resolved_at IS NULL)`;
  // One that is still being received closes as ever; one whose conflict has gone is planned.
  await sql`
    UPDATE study SET state_since = now(),
      instance_count = (SELECT count(*)::integer FROM instance WHERE study_id = study.id),
      state = CASE WHEN ${held} THEN 'held' WHEN state = 'receiving' THEN state ELSE 'closed' END,
      closed_at = CASE WHEN state = 'receiving' THEN closed_at ELSE now() END,
      completed_at = NULL,
      plan_reason = CASE WHEN ${held} OR state = 'receiving' THEN NULL
        WHEN EXISTS (SELECT FROM run WHERE run.study_id = study.id) THEN 'rerun'
        ELSE 'closed' END
    WHERE id = ${study}`.execute(trx);
  await notify(trx, { event: "study-closed", payload: study });
}

/** Forgets deleted instances whose time is up; their blobs are then collected. */
export async function sweepDeleted(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM deleted_instance WHERE id IN (SELECT id FROM deleted_instance
      WHERE keep_until < now() LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
