import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

interface Throughput {
  /** Start of the minute. */
  readonly minute: Date;
  readonly predictions: number;
}

/** Predictions per minute of one tenant or all, for each of the last `minutes`, oldest first. */
export async function readThroughput(
  db: Database,
  { minutes, tenant }: { readonly minutes: number; readonly tenant?: TenantId },
): Promise<Throughput[]> {
  const { rows } = await sql<Throughput>`
    SELECT minute, count(prediction.id)::integer AS predictions
    FROM generate_series(
      date_trunc('minute', now()) - make_interval(mins => ${minutes - 1}::integer),
      date_trunc('minute', now()), interval '1 minute') AS minute
    LEFT JOIN prediction ON prediction.created_at >= minute
      AND prediction.created_at < minute + interval '1 minute'
      AND (${tenant ?? null}::text IS NULL OR prediction.tenant_id = ${tenant ?? null})
    GROUP BY minute ORDER BY minute`.execute(db);
  return rows;
}
