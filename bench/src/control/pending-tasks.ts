import { type Lane, newId, type TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { notify } from "@axial/store/notify";
import { sql } from "kysely";

/** A model that exists only in the rows and is never loaded. */
export const SIMULATED_MODEL = { id: "simulated", version: "1.0.0" };
/** Studies of one statement: it stays far below the statement timeout. */
const STUDIES_PER_STATEMENT = 1_000;

interface PendingTasks {
  readonly tenant: string;
  readonly lane: Lane;
  readonly studies: number;
  /** Each study has one series and this many tasks; with one it is of `SIMULATED_MODEL`. */
  readonly tasksPerStudy: number;
}

/** Writes studies that are already planned, with pending tasks, as the planner leaves them. */
export async function insertPending(db: Database, pending: PendingTasks): Promise<void> {
  await sql`INSERT INTO tenant (id) VALUES (${pending.tenant}) ON CONFLICT DO NOTHING`.execute(db);
  for (let left = pending.studies; left > 0; left -= STUDIES_PER_STATEMENT) {
    await insertStudies(db, { ...pending, studies: Math.min(left, STUDIES_PER_STATEMENT) });
  }
  await notify(db, { event: "tasks-pending" });
}

async function insertStudies(db: Database, pending: PendingTasks): Promise<void> {
  const { lane, studies, tasksPerStudy } = pending;
  const tenant = pending.tenant as TenantId;
  const batch = newId().slice(0, 16);
  const id = sql`${batch} || lpad(to_hex(i), 16, '0')`;
  const numbers = sql`generate_series(1, ${studies}::integer) AS i`;
  await db.transaction().execute(async (trx) => {
    await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, closed_at)
      SELECT ${id}, ${tenant}, ${id}, 'closed', ${lane}, 16, now() FROM ${numbers}`.execute(trx);
    await sql`INSERT INTO series (id, study_id, series_uid, instance_count)
      SELECT ${id}, ${id}, ${id}, 16 FROM ${numbers}`.execute(trx);
    await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
      SELECT ${id}, ${id}, 1, 'closed', 'active', ${tasksPerStudy}::integer
      FROM ${numbers}`.execute(trx);
    await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
        model_version, manifest, slices, state)
      SELECT ${batch} || lpad(to_hex(i * ${tasksPerStudy}::integer + k), 16, '0'),
        ${id}, ${id}, ${id}, ${tenant}, ${lane},
        ${SIMULATED_MODEL.id} || CASE WHEN k > 1 THEN k::text ELSE '' END,
        ${SIMULATED_MODEL.version}, encode(sha256((${id} || k)::bytea), 'hex'), 16, 'pending'
      FROM ${numbers} CROSS JOIN generate_series(1, ${tasksPerStudy}::integer) AS k`.execute(trx);
  });
}
