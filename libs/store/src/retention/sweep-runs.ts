import type { RunId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { IS_FINISHED } from "./finished-studies.ts";

/** Runs per transaction. */
const BATCH = 50;

/**
 * Removes a tenant's runs that ended `days` ago and are superseded by an answer, with their tasks,
 * predictions and refusals.
 */
export function sweepSuperseded(db: Database, tenant: TenantId, days: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: RunId }>`
      SELECT old.id FROM run AS newer
      JOIN run AS old ON old.study_id = newer.study_id AND old.number < newer.number
      JOIN study ON study.id = newer.study_id
      WHERE newer.number > 1 AND newer.answered_at IS NOT NULL AND old.state <> 'active'
        AND old.completed_at < now() - make_interval(days => ${days})
        AND study.tenant_id = ${tenant} AND ${IS_FINISHED}
      ORDER BY old.id LIMIT ${BATCH} FOR UPDATE OF study SKIP LOCKED`.execute(trx);
    const ids = [...new Set(rows.map((row) => row.id))];
    await sql`DELETE FROM run WHERE id = ANY(${ids})`.execute(trx);
    return ids.length;
  });
}
