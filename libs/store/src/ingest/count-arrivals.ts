import type { SeriesId, StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { closeWhere } from "./close-studies.ts";
import type { NewInstance } from "./new-instance.ts";
import { type Wishes, withWishes } from "./wishes.ts";

/** An instance, the locked study it belongs to, and whether its row is new. */
export interface Arrival {
  readonly instance: NewInstance;
  readonly study: StudyId;
  readonly series: SeriesId;
  readonly inserted: boolean;
}

/**
 * Counts arrivals, stores what their senders asked for, and moves the locked studies:
 * - a planned study opens again for a late arrival, and its next run supersedes the last;
 * - one that waits for the planner, or is cancelled, is left alone;
 * - one whose expected number is reached closes.
 */
export async function countArrivals(
  trx: DatabaseTransaction,
  arrivals: readonly Arrival[],
): Promise<void> {
  const changes = studyChanges(arrivals);
  const { rows } = await sql<{ id: StudyId; whole: boolean | null }>`
    UPDATE study SET
      instance_count = study.instance_count + c.arrived,
      last_instance_at = CASE WHEN c.arrived > 0 THEN now() ELSE study.last_instance_at END,
      lane = coalesce(c.lane, study.lane),
      requested_models = coalesce(c.models, study.requested_models),
      trace_parent = coalesce(c.trace, study.trace_parent),
      expected_instances = CASE WHEN c.reopens THEN c.expected
        ELSE coalesce(c.expected, study.expected_instances) END,
      state = CASE WHEN c.reopens THEN 'receiving' ELSE study.state END,
      state_since = CASE WHEN c.reopens THEN now() ELSE study.state_since END,
      close_reason = CASE WHEN c.reopens THEN NULL ELSE study.close_reason END
    FROM (
      SELECT w.*, w.arrived > 0 AND s.plan_reason IS NULL
        AND s.state IN ('closed', 'complete', 'complete-with-failures', 'failed') AS reopens
      FROM jsonb_to_recordset(${jsonParameter(changes)}::jsonb)
        AS w(id text, arrived integer, lane text, models text[], expected integer, trace text)
      JOIN study s ON s.id = w.id
    ) AS c
    WHERE study.id = c.id
    RETURNING study.id, study.instance_count >= study.expected_instances AS whole`.execute(trx);
  await countSeries(trx, arrivals);
  const whole = rows.flatMap((row) => (row.whole === true ? [row.id] : []));
  if (whole.length > 0) await closeWhere(trx, sql`study.id = ANY(${whole})`, "expected");
}

function studyChanges(arrivals: readonly Arrival[]): object[] {
  const changes = new Map<StudyId, Wishes>();
  for (const { instance, study, inserted } of arrivals) {
    changes.set(study, withWishes(changes.get(study), instance, inserted));
  }
  return [...changes].map(([id, wishes]) => ({ id, ...wishes }));
}

async function countSeries(trx: DatabaseTransaction, arrivals: readonly Arrival[]): Promise<void> {
  const counts = new Map<SeriesId, number>();
  for (const { series, inserted } of arrivals) {
    if (inserted) counts.set(series, (counts.get(series) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  await sql`
    UPDATE series SET instance_count = series.instance_count + c.arrived
    FROM unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::integer[])
      AS c(id, arrived)
    WHERE series.id = c.id`.execute(trx);
}
