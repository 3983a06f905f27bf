import type { CanaryArm } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What an arm of a canary answered. */
export interface ArmFigures {
  readonly predictions: number;
  readonly refusals: number;
  readonly failures: number;
  readonly unfinished: number;
  /** Of the answers, in milliseconds. */
  readonly medianMs: number | null;
  readonly labels: Readonly<Record<string, number>>;
}

interface Arm {
  readonly model: string;
  readonly arm: CanaryArm;
  readonly since: Date;
}

/** Answers of an arm, of all tenants, for what was planned since a moment. */
export async function readArmFigures(
  db: Database,
  { model, arm, since }: Arm,
): Promise<ArmFigures> {
  const { rows } = await sql<ArmFigures>`
    WITH planned AS MATERIALIZED (
      SELECT id, state FROM task
      WHERE model_id = ${model} AND arm = ${arm} AND created_at >= ${since}
    ), answered AS MATERIALIZED (
      SELECT prediction.label, (prediction.result #>> '{timings,total}')::float8 AS ms
      FROM planned JOIN prediction ON prediction.task_id = planned.id)
    SELECT (SELECT count(*)::integer FROM answered) AS predictions,
      (SELECT count(*)::integer FROM refusal
        WHERE model_id = ${model} AND arm = ${arm} AND created_at >= ${since}) AS refusals,
      count(*) FILTER (WHERE state = 'dead')::integer AS failures,
      count(*) FILTER (WHERE state IN ('pending', 'dispatched', 'running'))::integer AS unfinished,
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM answered) AS "medianMs",
      (SELECT coalesce(jsonb_object_agg(label, studies), '{}') FROM
        (SELECT label, count(*) AS studies FROM answered GROUP BY label) AS by_label) AS labels
    FROM planned`.execute(db);
  const [figures] = rows;
  if (figures === undefined) throw new RangeError("an aggregate has a row");
  return figures;
}
