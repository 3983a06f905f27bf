import type { BlobStore } from "@axial/blobs";
import { type Lane, newId, type TaskId, type TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { notify } from "@axial/store/notify";
import { sql } from "kysely";
import { SIMULATED_MODEL, SIMULATED_SLICES, type SimulatedTasks } from "./simulated-model.ts";

/** Studies of one statement: it stays far below the statement timeout. */
const STUDIES_PER_STATEMENT = 1_000;

interface PendingTasks {
  readonly tenant: string;
  readonly lane: Lane;
  /** Each has one series and one task of `SIMULATED_MODEL`. */
  readonly studies: number;
}

/** Where pending tasks are written. */
export interface TaskPlace {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly tasks: SimulatedTasks;
}

/** Writes studies that are already planned, with pending tasks, as the planner leaves them. */
export async function insertPending(place: TaskPlace, pending: PendingTasks): Promise<void> {
  const { db } = place;
  await sql`INSERT INTO tenant (id) VALUES (${pending.tenant}) ON CONFLICT DO NOTHING`.execute(db);
  for (let left = pending.studies; left > 0; left -= STUDIES_PER_STATEMENT) {
    await insertStudies(place, { ...pending, studies: Math.min(left, STUDIES_PER_STATEMENT) });
  }
  await notify(db, { event: "tasks-pending" });
}

async function insertStudies({ db, blobs, tasks }: TaskPlace, pending: PendingTasks) {
  const { lane, studies } = pending;
  const tenant = pending.tenant as TenantId;
  const batch = newId().slice(0, 16);
  const ids = Array.from(
    { length: studies },
    (_, index) => `${batch}${index.toString(16).padStart(16, "0")}` as TaskId,
  );
  const inputs = ids.map((id) => new TextEncoder().encode(JSON.stringify(tasks.input(id))));
  const manifests = await blobs.putMany(inputs);
  const rows = sql`unnest(${ids}::text[], ${manifests}::text[]) AS given (id, manifest)`;
  await db.transaction().execute(async (trx) => {
    await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, closed_at)
      SELECT id, ${tenant}, id, 'closed', ${lane}, ${SIMULATED_SLICES}::integer, now()
      FROM ${rows}`.execute(trx);
    await sql`INSERT INTO series (id, study_id, series_uid, instance_count)
      SELECT id, id, id, ${SIMULATED_SLICES}::integer FROM ${rows}`.execute(trx);
    await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
      SELECT id, id, 1, 'closed', 'active', 1 FROM ${rows}`.execute(trx);
    await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
        model_version, manifest, slices, state)
      SELECT id, id, id, id, ${tenant}, ${lane}, ${SIMULATED_MODEL.id}, ${SIMULATED_MODEL.version},
        manifest, ${SIMULATED_SLICES}::integer, 'pending' FROM ${rows}`.execute(trx);
  });
}
