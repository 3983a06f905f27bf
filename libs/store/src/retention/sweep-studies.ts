import type { StudyId, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { HAS_ENDED, HAS_IMAGES, IS_FINISHED } from "./finished-studies.ts";
import { overSize } from "./retention-report.ts";

/** Studies per transaction: the largest have 20,000 instances. */
const BATCH = 20;
/** Studies measured per statement. */
const MEASURE_BATCH = 500;

/** Removes a tenant's studies that finished `days` ago, with everything that belongs to them. */
export function sweepStudies(db: Database, tenant: TenantId, days: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const ids = await lockDue(trx, tenant, finishedFor(days));
    await sql`DELETE FROM study WHERE id = ANY(${ids})`.execute(trx);
    return ids.length;
  });
}

/** Removes the images of a tenant's studies that finished `days` ago; results stay. */
export function sweepImages(db: Database, tenant: TenantId, days: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const ids = await lockDue(trx, tenant, sql<boolean>`${finishedFor(days)} AND ${HAS_IMAGES}`);
    await removeImages(trx, ids);
    return ids.length;
  });
}

/**
 * Removes the images of a tenant's oldest finished studies while the finished ones take more than
 * `maxBytes`. Studies under hold count and stay.
 */
export async function sweepImagesBySize(
  db: Database,
  tenant: TenantId,
  maxBytes: number,
): Promise<number> {
  while ((await measureImages(db, tenant)) === MEASURE_BATCH);
  return db.transaction().execute(async (trx) => {
    const ids = await lockDue(
      trx,
      tenant,
      sql<boolean>`${overSize(tenant, maxBytes)} AND ${HAS_IMAGES}`,
    );
    await removeImages(trx, ids);
    return ids.length;
  });
}

const finishedFor = (days: number) =>
  sql<boolean>`study.completed_at < now() - make_interval(days => ${days})`;

async function lockDue(
  trx: DatabaseTransaction,
  tenant: TenantId,
  due: RawBuilder<boolean>,
): Promise<StudyId[]> {
  const { rows } = await sql<{ id: StudyId }>`
    SELECT study.id FROM study
    WHERE study.tenant_id = ${tenant} AND ${IS_FINISHED} AND ${due}
    ORDER BY study.completed_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`.execute(trx);
  return rows.map((row) => row.id);
}

async function removeImages(trx: DatabaseTransaction, ids: StudyId[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`DELETE FROM instance WHERE study_id = ANY(${ids})
    AND own_run_id IS NULL`.execute(trx);
  await sql`UPDATE series SET instance_count = 0
    WHERE study_id = ANY(${ids}) AND NOT own`.execute(trx);
  await sql`
    UPDATE study SET instance_count = 0, image_bytes = 0, images_removed_at = clock_timestamp(),
      images_measured_at = now() WHERE id = ANY(${ids})`.execute(trx);
}

/** Measures finished studies that received images since the last time. */
async function measureImages(db: Database, tenant: TenantId): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE study SET images_measured_at = now(), image_bytes = (
      SELECT coalesce(sum(bytes), 0) FROM instance
        WHERE instance.study_id = study.id AND own_run_id IS NULL)
    WHERE id IN (SELECT id FROM study WHERE tenant_id = ${tenant}
      AND ${HAS_ENDED}
      AND (images_measured_at IS NULL OR images_measured_at <= last_instance_at)
      LIMIT ${MEASURE_BATCH} FOR UPDATE SKIP LOCKED)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
