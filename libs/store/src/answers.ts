import type { RunId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";

type Column = RawBuilder<unknown>;

/** The id of a study's current run: the newest that has an answer, else the newest. */
export function currentRunId(study: Column): RawBuilder<RunId> {
  return sql<RunId>`(SELECT current.id FROM run AS current WHERE current.study_id = ${study}
    ORDER BY current.answered_at IS NULL, current.number DESC LIMIT 1)`;
}

/**
 * What a study is by its newest run that has an answer, whatever became of later runs; null where
 * none has. A run that was opened again to replay its dead tasks, and cancelled then, has some.
 */
export function answeredState(study: Column): RawBuilder<string | null> {
  return sql<string | null>`(SELECT CASE answered.state WHEN 'complete' THEN 'complete'
      ELSE 'complete-with-failures' END
    FROM run AS answered WHERE answered.study_id = ${study} AND answered.answered_at IS NOT NULL
    ORDER BY answered.number DESC LIMIT 1)`;
}

/** What a study is when its newest run has ended as `run` says. */
export function endedState(study: Column, run: Column): RawBuilder<string> {
  return sql<string>`CASE WHEN ${run} = 'failed'
    THEN coalesce(${answeredState(study)}, 'failed') ELSE ${run} END`;
}
