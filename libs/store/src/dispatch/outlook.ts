import type { Lane } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { IN_FLIGHT, type InFlight } from "./dispatch-state.ts";

/** A worker that has been silent for this long does not count as capacity. */
const WORKER_SILENT_SECONDS = 20;

/** What decides whether there is something to dispatch, and room for it. */
export interface Outlook {
  /** The lanes with work, and for how many seconds the oldest task of each has been due. */
  readonly due: Readonly<Partial<Record<Lane, number>>>;
  /** Jobs of each lane that all recently seen workers together are willing to hold. */
  readonly capacity: Readonly<Record<Lane, number>>;
  /** Empty, without a query, where nothing is due. */
  readonly inFlight: readonly InFlight[];
}

/**
 * Finds the lanes in which a tenant has a due task and neither is paused, by one index probe per
 * tenant and lane whatever the backlog; only then reads the windows.
 */
export async function readOutlook(db: Database): Promise<Outlook> {
  const { rows } = await sql<{ due: Outlook["due"]; capacity: object; inFlight: InFlight[] }>`
    WITH due AS MATERIALIZED (
      SELECT l.lane, max(extract(epoch FROM now() - first.not_before))::float8 AS seconds
      FROM (VALUES ('stat'), ('routine'), ('backfill')) AS l(lane) CROSS JOIN tenant
      CROSS JOIN LATERAL (SELECT not_before FROM task WHERE state = 'pending'
        AND task.lane = l.lane AND task.tenant_id = tenant.id AND task.not_before <= now()
        ORDER BY not_before LIMIT 1) AS first
      WHERE NOT tenant.paused AND l.lane NOT IN (SELECT lane FROM paused_lane)
      GROUP BY l.lane),
    capacity AS (
      SELECT lane, sum(capacity) AS jobs FROM worker, unnest(lanes) AS lane
      WHERE seen_at > now() - make_interval(secs => ${WORKER_SILENT_SECONDS}) GROUP BY lane)
    SELECT coalesce((SELECT jsonb_object_agg(lane, seconds) FROM due), '{}') AS due,
      coalesce((SELECT jsonb_object_agg(lane, jobs) FROM capacity), '{}') AS capacity,
      CASE WHEN EXISTS (SELECT FROM due)
        THEN (SELECT jsonb_agg(to_jsonb(f)) FROM (${IN_FLIGHT}) AS f) END AS "inFlight"`.execute(
    db,
  );
  const [row] = rows;
  return {
    due: row?.due ?? {},
    capacity: { stat: 0, routine: 0, backfill: 0, ...row?.capacity },
    inFlight: row?.inFlight ?? [],
  };
}
