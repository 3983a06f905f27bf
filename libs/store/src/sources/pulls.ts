import { type Lane, newId, type PullState, type TenantId } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { PullTable } from "../schema.ts";

export type PullRow = Selectable<PullTable> & { readonly source_name: string };

interface NewPullRow {
  readonly tenant: TenantId;
  readonly source: string;
  readonly studyUid: string;
  readonly storedUid: string;
  readonly lane: Lane | null;
  readonly models: readonly string[] | null;
  readonly priors: number;
}

/** Makes a pull due, or returns the id of the one of this study that is not over. */
export async function createPull(
  trx: DatabaseTransaction,
  { tenant, source, studyUid, storedUid, lane, models, priors }: NewPullRow,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const id = newId<string>();
  const { rows } = await sql<{ id: string }>`
    INSERT INTO pull (id, tenant_id, source_id, study_uid, stored_uid, lane, models, priors)
    VALUES (${id}, ${tenant}, ${source}, ${studyUid}, ${storedUid}, ${lane},
      ${models === null ? null : [...models]}, ${priors})
    ON CONFLICT (source_id, study_uid) WHERE state = 'waiting' DO UPDATE SET
      lane = coalesce(excluded.lane, pull.lane), models = coalesce(excluded.models, pull.models),
      priors = greatest(excluded.priors, pull.priors)
    RETURNING id`.execute(trx);
  const made = rows[0]?.id ?? id;
  return { id: made, created: made === id };
}

const selectPulls = (db: Database) =>
  db
    .selectFrom("pull")
    .innerJoin("study_source", "study_source.id", "pull.source_id")
    .selectAll("pull")
    .select("study_source.name as source_name");

/** The tenant's pull, or null. */
export async function findPull(
  db: Database,
  tenant: TenantId,
  id: string,
): Promise<PullRow | null> {
  const found = selectPulls(db).where("pull.tenant_id", "=", tenant).where("pull.id", "=", id);
  return (await found.executeTakeFirst()) ?? null;
}

interface PullSearch {
  readonly tenant: TenantId;
  readonly state: PullState | null;
  readonly studyUid: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** A tenant's pulls, newest first, from before `before` on. */
export function listPulls(
  db: Database,
  { tenant, state, studyUid, before, limit }: PullSearch,
): Promise<PullRow[]> {
  let query = selectPulls(db).where("pull.tenant_id", "=", tenant);
  if (state !== null) query = query.where("pull.state", "=", state);
  if (studyUid !== null) query = query.where("pull.study_uid", "=", studyUid);
  if (before !== null) query = query.where("pull.id", "<", before);
  return query.orderBy("pull.id", "desc").limit(limit).execute();
}

/** Makes a failed or cancelled pull due again; false when it is in another state. */
export async function retryPull(db: Database, tenant: TenantId, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pull SET state = 'waiting', failures = 0, not_before = now(), finished_at = NULL
    WHERE id = ${id} AND tenant_id = ${tenant} AND state IN ('failed', 'cancelled')
      AND NOT EXISTS (SELECT FROM pull AS other WHERE other.source_id = pull.source_id
        AND other.study_uid = pull.study_uid AND other.state = 'waiting')`.execute(db);
  return numAffectedRows === 1n;
}

/** Ends a pull that is not over; instances that are here stay. */
export async function cancelPull(db: Database, tenant: TenantId, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE pull SET state = 'cancelled', finished_at = now()
    WHERE id = ${id} AND tenant_id = ${tenant} AND state = 'waiting'`.execute(db);
  return numAffectedRows === 1n;
}

const SWEEP_BATCH = 5_000;

/** Removes a tenant's pulls that ended `days` ago. */
export async function sweepPulls(db: Database, tenant: TenantId, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM pull WHERE id IN (SELECT id FROM pull
      WHERE tenant_id = ${tenant} AND state <> 'waiting'
        AND finished_at < now() - make_interval(days => ${days}) LIMIT ${SWEEP_BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
