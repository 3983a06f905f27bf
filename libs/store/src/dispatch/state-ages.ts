import { sql } from "kysely";
import type { Database } from "../database.ts";

interface StateAge {
  readonly entity: "study" | "task" | "delivery";
  readonly state: string;
  readonly seconds: number;
}

/**
 * The age of the oldest row in each unfinished state, from the ends of indexes: one probe per
 * state, and per tenant and lane for the backlog. Zero where the state is empty.
 */
export async function readStateAges(db: Database): Promise<StateAge[]> {
  const { rows } = await sql<StateAge>`
    SELECT entity, state, greatest(0, coalesce(extract(epoch FROM now() - since), 0))::float8
      AS seconds
    FROM (
      SELECT 'study' AS entity, 'receiving' AS state, (SELECT last_instance_at FROM study
        WHERE state = 'receiving' ORDER BY last_instance_at LIMIT 1) AS since
      UNION ALL
      SELECT 'study', 'unplanned', min(first.closed_at)
      FROM (VALUES ('stat'), ('routine'), ('backfill')) AS l(lane)
      CROSS JOIN LATERAL (SELECT closed_at FROM study WHERE study.lane = l.lane
        AND plan_reason IS NOT NULL ORDER BY closed_at LIMIT 1) AS first
      UNION ALL
      SELECT 'study', 'closed', (SELECT closed_at FROM study WHERE state = 'closed'
        ORDER BY closed_at LIMIT 1)
      UNION ALL
      SELECT 'delivery', 'pending', (SELECT not_before FROM delivery WHERE state = 'pending'
        ORDER BY not_before LIMIT 1)
      UNION ALL
      SELECT 'task', 'pending', min(first.not_before)
      FROM (VALUES ('stat'), ('routine'), ('backfill')) AS l(lane) CROSS JOIN tenant
      CROSS JOIN LATERAL (SELECT not_before FROM task WHERE state = 'pending'
        AND task.lane = l.lane AND task.tenant_id = tenant.id
        ORDER BY not_before LIMIT 1) AS first
      UNION ALL
      SELECT 'task', s.state, min(task.state_since)
      FROM (VALUES ('dispatched'), ('running')) AS s(state)
      LEFT JOIN task ON task.state = s.state AND task.state IN ('dispatched', 'running')
      GROUP BY s.state
    ) AS ages`.execute(db);
  return rows;
}
