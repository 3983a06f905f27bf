import { sql } from "kysely";
import type { Database } from "../database.ts";
import { LATENCY_BOUNDS } from "./latency.ts";

/** How long minutes are kept: the longest range that is drawn, and a day. */
const KEPT_DAYS = 31;

const BOUNDS = sql.lit(`{${LATENCY_BOUNDS.join(",")}}`);
const COUNTS = sql.join(
  [...LATENCY_BOUNDS, null].map(
    (_, bucket) => sql`count(*) FILTER (WHERE bucket = ${sql.lit(bucket)})::integer`,
  ),
);
const NOTHING = sql`array_fill(0, ARRAY[${sql.lit(LATENCY_BOUNDS.length + 1)}])`;

/**
 * Records the minute that ended last: per tenant, lane and model what waits and runs now, and the
 * results of that minute. Returns false if it has been recorded already, by this process or another.
 */
export async function recordMinute(db: Database): Promise<boolean> {
  const { rows } = await sql<{ recorded: boolean }>`
    WITH sample AS (
      INSERT INTO work_sample (minute)
      VALUES (date_trunc('minute', now()) - interval '1 minute')
      ON CONFLICT DO NOTHING RETURNING minute
    ), unfinished AS (
      SELECT tenant_id, lane, model_id,
        count(*) FILTER (WHERE state = 'pending')::integer AS waiting,
        count(*) FILTER (WHERE state <> 'pending')::integer AS running,
        greatest(0, coalesce(extract(epoch FROM
          now() - min(not_before) FILTER (WHERE state <> 'running')), 0)) AS oldest_seconds
      FROM task WHERE state IN ('pending', 'dispatched', 'running')
        AND EXISTS (SELECT FROM sample)
      GROUP BY 1, 2, 3
    ), recorded AS (
      SELECT p.tenant_id, t.lane, p.model_id, b.batches, b.images,
        width_bucket(extract(epoch FROM p.created_at - t.created_at)::float8,
          ${BOUNDS}::float8[]) AS bucket
      FROM sample JOIN prediction p ON p.created_at >= sample.minute
        AND p.created_at < sample.minute + interval '1 minute'
      JOIN task t ON t.id = p.task_id
      CROSS JOIN LATERAL (SELECT count(*) AS batches, coalesce(sum(size::integer), 0) AS images
        FROM jsonb_array_elements_text(p.result -> 'batchSizes') AS size) AS b
    ), done AS (
      SELECT tenant_id, lane, model_id, count(*)::integer AS results,
        sum(batches)::integer AS batches, sum(images)::integer AS batch_images,
        ARRAY[${COUNTS}] AS latency
      FROM recorded GROUP BY 1, 2, 3
    ), written AS (
      INSERT INTO work_minute
      SELECT sample.minute, tenant_id, lane, model_id, coalesce(waiting, 0), coalesce(running, 0),
        coalesce(oldest_seconds, 0), coalesce(results, 0), coalesce(batches, 0),
        coalesce(batch_images, 0), coalesce(latency, ${NOTHING})
      FROM unfinished FULL JOIN done USING (tenant_id, lane, model_id) CROSS JOIN sample
    )
    SELECT true AS recorded FROM sample`.execute(db);
  return rows.length > 0;
}

/** Removes the minutes that no range reaches any more. */
export async function forgetMinutes(db: Database): Promise<void> {
  const before = sql<Date>`now() - make_interval(days => ${KEPT_DAYS}::integer)`;
  await db.deleteFrom("work_minute").where("minute", "<", before).execute();
  await db.deleteFrom("work_sample").where("minute", "<", before).execute();
}
