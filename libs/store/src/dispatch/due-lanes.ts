import type { Lane } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** A lane with something to dispatch. */
export interface DueLane {
  readonly lane: Lane;
  /** How long its oldest task has been due. */
  readonly seconds: number;
}

/**
 * The lanes in which a tenant that is not paused has a task that is due: one index probe per
 * tenant and lane, whatever the backlog.
 */
export async function dueLanes(db: Database): Promise<DueLane[]> {
  const { rows } = await sql<DueLane>`
    SELECT l.lane, max(extract(epoch FROM now() - first.not_before))::float8 AS seconds
    FROM (VALUES ('stat'), ('routine'), ('backfill')) AS l(lane) CROSS JOIN tenant
    CROSS JOIN LATERAL (SELECT not_before FROM task WHERE state = 'pending'
      AND task.lane = l.lane AND task.tenant_id = tenant.id AND task.not_before <= now()
      ORDER BY not_before LIMIT 1) AS first
    WHERE NOT tenant.paused GROUP BY l.lane`.execute(db);
  return rows;
}
