import { LANES, type Lane, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { latencyQuantile } from "./latency.ts";

export interface HistoryQuery {
  /** One tenant's work, or all. */
  readonly tenant?: TenantId;
  readonly lane?: Lane;
  readonly model?: string;
  /** What the lines are. */
  readonly by: "lane" | "model";
  /** How far back, and the length of one step. */
  readonly minutes: number;
  readonly stepMinutes: number;
}

/** One line: a value for each step, null for a step in which no minute was recorded. */
interface HistoryLine {
  readonly name: string;
  /** Mean number of tasks that waited. */
  readonly waiting: (number | null)[];
  readonly running: (number | null)[];
  /** The age of the oldest task that waited, in seconds; the highest of the step. */
  readonly oldestSeconds: (number | null)[];
  readonly resultsPerMinute: (number | null)[];
  /** From the plan to the result, in seconds; null without a result. */
  readonly latencyP50: (number | null)[];
  readonly latencyP99: (number | null)[];
  /** Mean images of the batches that a result's images were in. */
  readonly batchSize: (number | null)[];
}

export interface History {
  /** Start of each step. */
  readonly at: readonly Date[];
  readonly lines: HistoryLine[];
}

interface Step {
  readonly name: string;
  readonly step: number;
  readonly waiting: number;
  readonly running: number;
  readonly oldest: number;
  readonly results: number;
  readonly batches: number;
  readonly images: number;
  readonly latency: readonly number[];
}

/** Work over time, in steps that end with the newest minute. */
export async function readHistory(db: Database, query: HistoryQuery): Promise<History> {
  const { rows: sampled } = await sql<{ since: Date; minutes: number }>`
    SELECT since, count(work_sample.minute)::integer AS minutes
    FROM ${steps(query)} AS since
    LEFT JOIN work_sample ON minute >= since AND minute < since + ${step(query)}
    GROUP BY since ORDER BY since`.execute(db);
  const byName = Map.groupBy(await readSteps(db, query), ({ name }) => name);
  const minutes = sampled.map((one) => one.minutes);
  return {
    at: sampled.map(({ since }) => since),
    lines: lineNames(query, byName).map((name) =>
      historyLine(name, byName.get(name) ?? [], minutes),
    ),
  };
}

/** Every lane that is asked for, and the models that had work. */
function lineNames(
  { by, lane }: HistoryQuery,
  found: ReadonlyMap<string, unknown>,
): readonly string[] {
  if (by === "model") return [...found.keys()];
  return lane === undefined ? LANES : [lane];
}

async function readSteps(db: Database, query: HistoryQuery): Promise<readonly Step[]> {
  const { tenant = null, lane = null, model = null } = query;
  const name = sql.ref(query.by === "lane" ? "lane" : "model_id");
  const { rows } = await sql<Step>`
    WITH step AS (SELECT since, row_number() OVER (ORDER BY since)::integer - 1 AS step
      FROM ${steps(query)} AS since),
    work AS (SELECT ${name} AS name, step, work_minute.* FROM step JOIN work_minute
      ON minute >= since AND minute < since + ${step(query)}
      WHERE (${tenant}::text IS NULL OR tenant_id = ${tenant})
        AND (${lane}::text IS NULL OR lane = ${lane})
        AND (${model}::text IS NULL OR model_id = ${model})),
    latencies AS (SELECT name, step, array_agg(results ORDER BY bucket) AS latency
      FROM (SELECT name, step, bucket, sum(count)::integer AS results
        FROM work, unnest(latency) WITH ORDINALITY AS l(count, bucket) GROUP BY 1, 2, 3) AS l
      GROUP BY 1, 2)
    SELECT name, step, sum(waiting)::integer AS waiting, sum(running)::integer AS running,
      max(oldest_seconds) AS oldest, sum(results)::integer AS results,
      sum(batches)::integer AS batches, sum(batch_images)::integer AS images, latencies.latency
    FROM work JOIN latencies USING (name, step)
    GROUP BY name, step, latencies.latency ORDER BY name, step`.execute(db);
  return rows;
}

function historyLine(
  name: string,
  found: readonly Step[],
  minutes: readonly number[],
): HistoryLine {
  const byStep = new Map(found.map((one) => [one.step, one]));
  const each = (value: (one: Step | undefined, minutes: number) => number | null) =>
    minutes.map((count, index) => (count === 0 ? null : value(byStep.get(index), count)));
  return {
    name,
    waiting: each((one, count) => (one?.waiting ?? 0) / count),
    running: each((one, count) => (one?.running ?? 0) / count),
    oldestSeconds: each((one) => one?.oldest ?? 0),
    resultsPerMinute: each((one, count) => (one?.results ?? 0) / count),
    latencyP50: each((one) => latencyQuantile(one?.latency ?? [], 0.5)),
    latencyP99: each((one) => latencyQuantile(one?.latency ?? [], 0.99)),
    batchSize: each((one) => (one && one.batches > 0 ? one.images / one.batches : null)),
  };
}

/** The starts of the steps; the last holds the minute that ended last. */
function steps({ minutes, stepMinutes }: HistoryQuery) {
  return sql`generate_series(
    date_trunc('minute', now()) - make_interval(mins => ${minutes}::integer),
    date_trunc('minute', now()) - make_interval(mins => ${stepMinutes}::integer),
    make_interval(mins => ${stepMinutes}::integer))`;
}

function step({ stepMinutes }: HistoryQuery) {
  return sql`make_interval(mins => ${stepMinutes}::integer)`;
}
