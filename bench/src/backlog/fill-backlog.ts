import type { Lane } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "@axial/store/database";
import { sql } from "kysely";
import { SIMULATED_MODEL } from "../control/simulated-model.ts";

/** Tasks of one study: a series that twenty models want to see. */
const TASKS_PER_STUDY = 20;

interface BacklogRows {
  readonly tasks: number;
  readonly lane: Lane;
  /** The studies are theirs in turns. */
  readonly tenants: number;
}

/**
 * Writes rows whose only purpose is to be pending: one statement per table, without foreign keys
 * and triggers; indexes that no constraint needs are created afterwards.
 */
export async function fillBacklog(db: Database, rows: BacklogRows): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`SET LOCAL statement_timeout = 0`.execute(trx);
    await sql`SET LOCAL session_replication_role = replica`.execute(trx);
    await sql`SET LOCAL maintenance_work_mem = '256MB'`.execute(trx);
    const indexes = await dropIndexes(trx);
    await insertRows(trx, rows);
    for (const definition of indexes) await sql.raw(definition).execute(trx);
  });
}

/** Returns the definitions of what it dropped. */
async function dropIndexes(trx: DatabaseTransaction): Promise<string[]> {
  const { rows } = await sql<{ name: string; definition: string }>`
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index
    WHERE indrelid IN ('study'::regclass, 'series'::regclass, 'run'::regclass, 'task'::regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`.execute(trx);
  for (const { name } of rows) await sql`DROP INDEX ${sql.ref(name)}`.execute(trx);
  return rows.map(({ definition }) => definition);
}

async function insertRows(trx: DatabaseTransaction, rows: BacklogRows): Promise<void> {
  const { tasks, lane, tenants } = rows;
  const studies = Math.ceil(tasks / TASKS_PER_STUDY);
  const id = sql`lpad(to_hex(i), 32, '0')`;
  const tenant = sql`'tenant-' || i % ${tenants}::integer`;
  const numbers = sql`generate_series(1, ${studies}::integer) AS i`;
  await sql`INSERT INTO tenant (id)
    SELECT 'tenant-' || i FROM generate_series(0, ${tenants - 1}::integer) AS i`.execute(trx);
  await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, closed_at)
    SELECT ${id}, ${tenant}, ${id}, 'closed', ${lane}, 16, now() FROM ${numbers}`.execute(trx);
  await sql`INSERT INTO series (id, study_id, series_uid, instance_count)
    SELECT ${id}, ${id}, ${id}, 16 FROM ${numbers}`.execute(trx);
  await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
    SELECT ${id}, ${id}, 1, 'closed', 'active', ${TASKS_PER_STUDY}::integer
    FROM ${numbers}`.execute(trx);
  await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
      model_version, manifest, slices, state)
    SELECT lpad(to_hex(i * ${TASKS_PER_STUDY}::integer + k), 32, '0'), ${id}, ${id}, ${id},
      ${tenant}, ${lane}, ${SIMULATED_MODEL.id} || k, ${SIMULATED_MODEL.version},
      encode(sha256((i || '-' || k)::bytea), 'hex'), 16, 'pending'
    FROM ${numbers} CROSS JOIN generate_series(1, ${TASKS_PER_STUDY}::integer) AS k`.execute(trx);
}
