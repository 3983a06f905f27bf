import { sql } from "kysely";
import type { Database } from "../database.ts";

/** The newest predictions that the median is taken over. */
const SAMPLE = 128;

/**
 * Seconds of device time per image, by model id: the median over the newest predictions of a
 * batch's time divided by its images. A model without recent predictions is left out.
 */
export async function readDeviceTime(db: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ model: string; seconds: number }>`
    SELECT model_id AS model,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY batch_ms / images) / 1000 AS seconds
    FROM (
      SELECT model_id, (result #>> '{timings,infer}')::double precision AS batch_ms,
        (result #>> '{batchSizes,-1}')::double precision AS images
      FROM prediction ORDER BY created_at DESC LIMIT ${SAMPLE}) AS newest
    WHERE images > 0
    GROUP BY model_id`.execute(db);
  return new Map(rows.map(({ model, seconds }) => [model, seconds]));
}
