import { sql } from "kysely";
import type { Database } from "../database.ts";

/** The newest predictions that the figures are taken over. */
const SAMPLE = 128;

/** What a worker needs for an image of a model, on a provider (`cpu`, `cuda`, …). */
export interface DeviceTime {
  readonly model: string;
  readonly provider: string;
  /** Seconds of a whole worker. */
  readonly secondsPerImage: number;
}

/**
 * Measures anew what the newest predictions tell and returns the figures of every model and
 * provider: one that ran nothing lately keeps its last. Per image a worker needs the longer of two
 * that overlap: inference (median of a batch's time by its images) and decoding (lower quartile of
 * a series' time by its slices, because the rest waits for threads that other series have).
 */
export async function measureDeviceTimes(db: Database): Promise<readonly DeviceTime[]> {
  const { rows } = await sql<DeviceTime>`
    WITH newest AS (
      SELECT model_id, provider,
        (result #>> '{timings,infer}')::double precision
          / nullif((result #>> '{batchSizes,-1}')::double precision, 0) AS infer_ms,
        (result #>> '{timings,decode}')::double precision
          / nullif(jsonb_array_length(result -> 'slices'), 0) AS decode_ms
      FROM prediction ORDER BY created_at DESC LIMIT ${SAMPLE}),
    measured AS (
      SELECT model_id, provider, greatest(
        percentile_cont(0.5) WITHIN GROUP (ORDER BY infer_ms),
        percentile_cont(0.25) WITHIN GROUP (ORDER BY decode_ms)) / 1000 AS seconds
      FROM newest WHERE infer_ms IS NOT NULL GROUP BY model_id, provider),
    saved AS (
      INSERT INTO device_time (model_id, provider, seconds_per_image)
      SELECT model_id, provider, seconds FROM measured
      ON CONFLICT (model_id, provider) DO UPDATE
        SET seconds_per_image = excluded.seconds_per_image, measured_at = now())
    SELECT model_id AS model, provider, coalesce(seconds, seconds_per_image) AS "secondsPerImage"
    FROM measured FULL JOIN device_time USING (model_id, provider)
    ORDER BY model_id, provider`.execute(db);
  return rows;
}
