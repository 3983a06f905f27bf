import type { Lane, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** Tasks on a queue or with a worker, by tenant, lane and queue. */
export interface InFlight {
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly dispatchedLane: Lane;
  readonly tasks: number;
}

/** The window's contents; bounded by the window, so never a large scan. */
export const IN_FLIGHT = sql<InFlight>`
  SELECT tenant_id AS tenant, lane, dispatched_lane AS "dispatchedLane", count(*)::integer AS tasks
  FROM task WHERE state IN ('dispatched', 'running')
  GROUP BY tenant_id, lane, dispatched_lane`;

export async function countInFlightTasks(trx: DatabaseTransaction): Promise<InFlight[]> {
  const { rows } = await IN_FLIGHT.execute(trx);
  return rows;
}

/** A tenant with something to dispatch in a lane. */
export interface WaitingTenant {
  readonly tenant: TenantId;
  readonly weight: number;
  /** Its pass in the lane's stride schedule; null when it never had one. */
  readonly pass: number | null;
  readonly maxConcurrent: number | null;
  /** Tasks that its rate allows now; null without a limit. */
  readonly rateRoom: number | null;
}

/**
 * A token bucket that fills at the tenant's rate and holds a minute's worth. Counting the last
 * minute's dispatches would read more rows as the table grows.
 */
export const RATE_TOKENS = sql`least(max_tasks_per_minute,
  rate_tokens + extract(epoch FROM now() - rate_at) * max_tasks_per_minute / 60.0)`;

/** Takes dispatched tasks out of the buckets; tenants without a rate have no bucket. */
export async function spendRate(
  trx: DatabaseTransaction,
  dispatched: ReadonlyMap<TenantId, number>,
): Promise<void> {
  if (dispatched.size === 0) return;
  await sql`
    UPDATE tenant SET rate_tokens = ${RATE_TOKENS} - spent.tasks, rate_at = now()
    FROM unnest(${[...dispatched.keys()]}::text[], ${[...dispatched.values()]}::integer[])
      AS spent(id, tasks)
    WHERE tenant.id = spent.id AND max_tasks_per_minute IS NOT NULL`.execute(trx);
}

/**
 * One index probe per tenant: the cost does not grow with the backlog. PostgreSQL turns a bare
 * EXISTS into a join, which may read every pending task; LIMIT keeps it a probe whatever the
 * statistics say.
 */
export async function waitingTenants(
  trx: DatabaseTransaction,
  lane: Lane,
): Promise<WaitingTenant[]> {
  const { rows } = await sql<WaitingTenant>`
    SELECT tenant.id AS tenant, tenant.weight, share.pass,
      tenant.max_concurrent_tasks AS "maxConcurrent",
      CASE WHEN max_tasks_per_minute IS NOT NULL
        THEN floor(${RATE_TOKENS})::integer END AS "rateRoom"
    FROM tenant LEFT JOIN dispatch_share AS share ON share.tenant_id = tenant.id AND share.lane = ${lane}
    CROSS JOIN LATERAL (SELECT FROM task WHERE task.state = 'pending' AND task.lane = ${lane}
      AND task.tenant_id = tenant.id AND task.not_before <= now()
      ORDER BY not_before LIMIT 1) AS first
    WHERE NOT tenant.paused
      AND NOT EXISTS (SELECT FROM paused_lane WHERE lane = ${lane})`.execute(trx);
  return rows;
}

/** Writes each tenant's pass in the lane's schedule. */
export async function savePasses(
  trx: DatabaseTransaction,
  lane: Lane,
  passes: ReadonlyMap<TenantId, number>,
): Promise<void> {
  if (passes.size === 0) return;
  await trx
    .insertInto("dispatch_share")
    .values([...passes].map(([tenant_id, pass]) => ({ lane, tenant_id, pass })))
    .onConflict((conflict) =>
      conflict
        .columns(["lane", "tenant_id"])
        .doUpdateSet((row) => ({ pass: row.ref("excluded.pass") })),
    )
    .execute();
}

/** Holds the lane's dispatch until the transaction ends; false when another dispatcher has it. */
export async function lockLane(trx: DatabaseTransaction, lane: Lane): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtext('axial dispatch'), hashtext(${lane})) AS locked`.execute(
    trx,
  );
  return rows[0]?.locked ?? false;
}
