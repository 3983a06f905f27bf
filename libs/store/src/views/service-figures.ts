import type { Lane } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { WORKER_SILENT_SECONDS } from "./workers.ts";

export interface LaneFigures {
  readonly lane: Lane;
  /** Live workers that serve it. */
  readonly workers: number;
  /** Jobs that they hold together. */
  readonly capacity: number;
  /** Tasks that they said they hold. */
  readonly running: number;
  /** Nothing of it is dispatched. */
  readonly paused: boolean;
  /** For how long the oldest task that no worker has begun has been due; 0 without any. */
  readonly oldestSeconds: number;
}

/**
 * Every lane, from the ends of indexes: one probe per tenant and lane, and the window of what is
 * dispatched. What is paused does not count: its tasks wait because an operator said so.
 * In the lanes' order, which is the reverse of their names'.
 */
export async function readLaneFigures(db: Database): Promise<LaneFigures[]> {
  const { rows } = await sql<LaneFigures>`
    SELECT l.lane, held.lane IS NOT NULL AS paused, coalesce(w.workers, 0)::integer AS workers,
      coalesce(w.capacity, 0)::integer AS capacity, coalesce(h.running, 0)::integer AS running,
      greatest(0, coalesce(extract(epoch FROM now() - least(p.since, d.since)), 0))::float8
        AS "oldestSeconds"
    FROM (VALUES ('stat'), ('routine'), ('backfill')) AS l(lane)
    LEFT JOIN paused_lane AS held ON held.lane = l.lane
    LEFT JOIN (SELECT lane, count(*) AS workers, sum(capacity) AS capacity
      FROM worker, unnest(lanes) AS lane
      WHERE capacity > 0 AND seen_at > now() - make_interval(secs => ${WORKER_SILENT_SECONDS})
      GROUP BY lane) AS w ON w.lane = l.lane
    LEFT JOIN (SELECT key AS lane, sum(value::integer) AS running
      FROM worker, jsonb_each_text(held)
      WHERE seen_at > now() - make_interval(secs => ${WORKER_SILENT_SECONDS})
      GROUP BY key) AS h ON h.lane = l.lane
    CROSS JOIN LATERAL (SELECT min(first.not_before) AS since FROM tenant
      CROSS JOIN LATERAL (SELECT not_before FROM task WHERE state = 'pending'
        AND task.lane = l.lane AND task.tenant_id = tenant.id AND task.not_before <= now()
        ORDER BY not_before LIMIT 1) AS first
      WHERE NOT tenant.paused AND held.lane IS NULL) AS p
    CROSS JOIN LATERAL (SELECT min(not_before) AS since FROM task
      WHERE state = 'dispatched' AND task.lane = l.lane) AS d
    ORDER BY l.lane DESC`.execute(db);
  return rows;
}

export interface PoolFigures {
  readonly pool: string;
  readonly workers: number;
  /** The largest difference of a live worker's clock, either way. */
  readonly clockSkewSeconds: number;
}

/** Pools of which a worker was seen during the last day, with none alive too. */
export async function readPoolFigures(db: Database): Promise<PoolFigures[]> {
  const { rows } = await sql<PoolFigures>`
    SELECT pool, count(*) FILTER (WHERE live)::integer AS workers,
      coalesce(max(abs(clock_skew_seconds)) FILTER (WHERE live), 0) AS "clockSkewSeconds"
    FROM (SELECT pool, clock_skew_seconds, capacity > 0 AND
        seen_at > now() - make_interval(secs => ${WORKER_SILENT_SECONDS}) AS live FROM worker) AS w
    GROUP BY pool ORDER BY pool`.execute(db);
  return rows;
}

/** Dead tasks of all tenants by what ended them. */
export async function countDeadByCode(db: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ code: string; tasks: number }>`
    SELECT coalesce(error_code, 'unknown') AS code, count(*)::integer AS tasks
    FROM task WHERE state = 'dead' GROUP BY 1`.execute(db);
  return new Map(rows.map(({ code, tasks }) => [code, tasks]));
}

/** When the last backup that is whole was made, or null. */
export async function readLastBackup(db: Database): Promise<Date | null> {
  const row = await db
    .selectFrom("completed_backup")
    .select("at")
    .where("missing", "=", "0")
    .orderBy("at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? null;
}
