import type { TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database.ts";

/** Quotas of a tenant; null for none. */
interface Quotas {
  readonly maxStoredBytes: number | null;
  readonly maxStoredInstances: number | null;
  readonly maxPendingTasks: number | null;
}

/** What a tenant has. */
export interface TenantUsage {
  readonly storedBytes: number;
  readonly storedInstances: number;
  /** Tasks that wait for a worker. */
  readonly pendingTasks: number;
  /** Keys that are valid. */
  readonly keys: number;
  /** Requests in the present minute, as far as processes have told. */
  readonly requestsThisMinute: number;
}

/** What the door has to know of a tenant. */
export interface StoreQuota extends Quotas {
  readonly storedBytes: number;
  readonly storedInstances: number;
  /** Counted up to its quota; 0 where there is none. */
  readonly pendingTasks: number;
}

const stored = (column: "bytes" | "instances"): RawBuilder<number> => {
  const name = sql.ref(column);
  return sql<number>`(coalesce((SELECT ${name} FROM tenant_usage WHERE tenant_id = t.id), 0)
    + coalesce((SELECT sum(${name}) FROM tenant_usage_change WHERE tenant_id = t.id), 0))::float8`;
};

/** By its lanes, as the index of pending tasks has them. */
const PENDING = sql`lane IN ('stat', 'routine', 'backfill') AND tenant_id = t.id
  AND state = 'pending'`;

/** Quotas of the door and what is used of them; without a quota only the quotas are read. */
export async function readStoreQuota(db: Database, tenant: TenantId): Promise<StoreQuota | null> {
  const { rows } = await sql<StoreQuota>`
    SELECT max_stored_bytes::float8 AS "maxStoredBytes",
      max_stored_instances::float8 AS "maxStoredInstances",
      max_pending_tasks AS "maxPendingTasks",
      CASE WHEN max_stored_bytes IS NULL THEN 0 ELSE ${stored("bytes")} END AS "storedBytes",
      CASE WHEN max_stored_instances IS NULL THEN 0 ELSE ${stored("instances")} END
        AS "storedInstances",
      CASE WHEN max_pending_tasks IS NULL THEN 0 ELSE (SELECT count(*) FROM
        (SELECT FROM task WHERE ${PENDING} LIMIT t.max_pending_tasks) AS counted)::integer
        END AS "pendingTasks"
    FROM tenant AS t WHERE id = ${tenant}`.execute(db);
  return rows[0] ?? null;
}

/** What a tenant uses now. */
export async function readTenantUsage(db: Database, tenant: TenantId): Promise<TenantUsage> {
  const { rows } = await sql<TenantUsage>`
    SELECT ${stored("bytes")} AS "storedBytes", ${stored("instances")} AS "storedInstances",
      (SELECT count(*) FROM task WHERE ${PENDING})::integer AS "pendingTasks",
      (SELECT count(*) FROM api_key WHERE tenant_id = t.id AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > now()))::integer AS keys,
      coalesce((SELECT requests FROM request_count WHERE key = t.id
        AND minute = extract(epoch FROM now())::bigint / 60), 0)::integer AS "requestsThisMinute"
    FROM tenant AS t WHERE id = ${tenant}`.execute(db);
  const none = { storedBytes: 0, storedInstances: 0, pendingTasks: 0, keys: 0 };
  return rows[0] ?? { ...none, requestsThisMinute: 0 };
}

/** How much of a quota a tenant has used, 0 to 1 and beyond. */
export interface QuotaLevel {
  readonly tenant: TenantId;
  readonly quota: "stored-bytes" | "stored-instances";
  readonly level: number;
}

/** The fullest tenants of each quota on what is stored, at most `limit` of each. */
export async function readQuotaLevels(db: Database, limit: number): Promise<QuotaLevel[]> {
  const { rows } = await sql<QuotaLevel>`
    SELECT tenant, quota, level FROM (
      SELECT tenant, quota, level, row_number() OVER (PARTITION BY quota ORDER BY level DESC) AS place
      FROM (
        SELECT id AS tenant, 'stored-bytes' AS quota,
          ${stored("bytes")} / greatest(max_stored_bytes, 1) AS level
        FROM tenant AS t WHERE max_stored_bytes IS NOT NULL
        UNION ALL
        SELECT id, 'stored-instances', ${stored("instances")} / greatest(max_stored_instances, 1)
        FROM tenant AS t WHERE max_stored_instances IS NOT NULL) AS levels) AS placed
    WHERE place <= ${limit}`.execute(db);
  return rows;
}

/** Changes that are folded by one statement. */
const FOLDED_AT_ONCE = 10_000;

/** Folds what triggers counted into `tenant_usage`. Returns the number of changes. */
export async function foldTenantUsage(db: Database): Promise<number> {
  const { rows } = await sql<{ changes: number }>`
    WITH gone AS (DELETE FROM tenant_usage_change WHERE id IN
        (SELECT id FROM tenant_usage_change ORDER BY id LIMIT ${FOLDED_AT_ONCE}
         FOR UPDATE SKIP LOCKED)
      RETURNING tenant_id, bytes, instances
    ), folded AS (INSERT INTO tenant_usage AS u (tenant_id, bytes, instances)
      SELECT tenant_id, sum(bytes), sum(instances)::bigint FROM gone
      GROUP BY tenant_id ORDER BY tenant_id
      ON CONFLICT (tenant_id) DO UPDATE
        SET bytes = u.bytes + excluded.bytes, instances = u.instances + excluded.instances
    ) SELECT count(*)::integer AS changes FROM gone`.execute(db);
  return rows[0]?.changes ?? 0;
}
