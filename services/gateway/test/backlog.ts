import { type BlobKey, type Lane, newId, type TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import type { Schema } from "@axial/store/schema";
import type { Insertable } from "kysely";
import { sql } from "kysely";

/** Pending tasks of a new study, as the planner would leave them. */
export async function backlog(
  db: Database,
  tenant: string,
  lane: Lane,
  tasks: number,
): Promise<void> {
  const ids = { study: newId(), run: newId(), tenant: tenant as TenantId };
  await sql`INSERT INTO tenant (id) VALUES (${tenant}) ON CONFLICT DO NOTHING`.execute(db);
  await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane)
    VALUES (${ids.study}, ${tenant}, ${`1.2.${Math.random().toString().slice(2)}`}, 'closed', ${lane})`.execute(
    db,
  );
  await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
    VALUES (${ids.run}, ${ids.study}, 1, 'closed', 'active', ${tasks})`.execute(db);
  for (let index = 0; index < tasks; index++) {
    const series = newId();
    await sql`INSERT INTO series (id, study_id, series_uid) VALUES (${series}, ${ids.study}, ${`1.${index}`})`.execute(
      db,
    );
    await db
      .insertInto("task")
      .values({
        id: newId(),
        run_id: ids.run,
        study_id: ids.study,
        series_id: series,
        tenant_id: ids.tenant,
        lane,
        model_id: "tiny-brain",
        model_version: "1.0.0",
        manifest: "0".repeat(64) as BlobKey,
        slices: 1,
        state: "pending",
      } as Insertable<Schema["task"]>)
      .execute();
  }
}
