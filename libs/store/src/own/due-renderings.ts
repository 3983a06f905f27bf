import type { RunId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A run whose objects are still to be made. */
export interface DueRendering {
  readonly run: RunId;
  readonly tenant: TenantId;
  readonly studyUid: string;
  readonly failures: number;
}

interface Take {
  readonly limit: number;
  readonly leaseSeconds: number;
}

/** Leases runs that are to be rendered, longest wait first, as `takeDeliveries` does. */
export async function takeRenderings(
  db: Database,
  { limit, leaseSeconds }: Take,
): Promise<DueRendering[]> {
  const { rows } = await sql<DueRendering>`
    WITH due AS (
      SELECT id FROM run WHERE render_due AND render_after <= now()
      ORDER BY render_after LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE run SET render_after = now() + make_interval(secs => ${leaseSeconds})
      FROM due WHERE run.id = due.id RETURNING run.id, run.study_id, run.render_failures)
    SELECT taken.id AS run, study.tenant_id AS tenant, study.study_uid AS "studyUid",
      taken.render_failures AS failures
    FROM taken JOIN study ON study.id = taken.study_id`.execute(db);
  return rows;
}

/** Puts off a run that could not be rendered; gives it up when `again` is null. */
export async function putOffRendering(db: Database, run: RunId, again: Date | null): Promise<void> {
  await db
    .updateTable("run")
    .set({
      render_failures: sql<number>`render_failures + 1`,
      ...(again === null ? { render_due: false } : { render_after: again }),
    })
    .where("id", "=", run)
    .execute();
}
