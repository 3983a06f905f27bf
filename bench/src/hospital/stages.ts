import type { Database } from "@axial/store/database";
import { sql } from "kysely";
import { median, rounded } from "../figures.ts";

/** How long each stage of one study with one task took, in milliseconds. */
export interface Stages {
  /** From the commit that closed the study to its plan. */
  readonly plan: number;
  /** From the plan's commit to the dispatcher's. */
  readonly dispatch: number;
  /** From the dispatcher's transaction to the supervisor that took the job. */
  readonly queue: number;
  /** The engine, without its parts below: input, result and messages. */
  readonly engineRest: number;
  readonly decode: number;
  readonly batchWait: number;
  readonly infer: number;
  /** From the supervisor's message to the result that a reader sees. */
  readonly persist: number;
}

interface Times {
  readonly closed: number;
  readonly planned: number;
  readonly dispatched: number;
  readonly wait: number;
  readonly persist: number;
  readonly recorded: number;
  readonly decode: number;
  readonly batch_wait: number;
  readonly infer: number;
}

/** The stages of a study that is finished; all clocks are this machine's. */
export async function stagesOf(
  db: Database,
  studyUid: string,
  { visibleAt }: { readonly visibleAt: number },
): Promise<Stages> {
  const { rows } = await sql<Times>`
    SELECT extract(epoch FROM study.closed_at)::float8 * 1000 AS closed,
      extract(epoch FROM task.created_at)::float8 * 1000 AS planned,
      extract(epoch FROM task.dispatched_at)::float8 * 1000 AS dispatched,
      extract(epoch FROM prediction.created_at)::float8 * 1000 AS recorded,
      wait_ms AS wait, persist_ms AS persist,
      (result #>> '{timings,decode}')::float8 AS decode,
      (result #>> '{timings,batchWait}')::float8 AS batch_wait,
      (result #>> '{timings,infer}')::float8 AS infer
    FROM study JOIN task ON task.study_id = study.id JOIN prediction ON task_id = task.id
    WHERE study_uid = ${studyUid}`.execute(db);
  const [times] = rows;
  if (times === undefined) throw new Error("the study has no prediction");
  const taken = times.planned + times.wait;
  const inEngine = times.recorded - times.persist - taken;
  const { decode, batch_wait: batchWait, infer } = times;
  return {
    plan: times.planned - times.closed,
    dispatch: times.dispatched - times.planned,
    queue: taken - times.dispatched,
    engineRest: inEngine - decode - batchWait - infer,
    decode,
    batchWait,
    infer,
    persist: visibleAt - times.recorded + times.persist,
  };
}

const NAMES = [
  "plan",
  "dispatch",
  "queue",
  "engineRest",
  "decode",
  "batchWait",
  "infer",
  "persist",
] as const satisfies readonly (keyof Stages)[];

/** The median of each stage. */
export function medianStages(all: readonly Stages[]): Record<keyof Stages, number> {
  const of = (name: keyof Stages) => rounded(median(all.map((stages) => stages[name])), 1);
  const entries = NAMES.map((name) => [name, of(name)] as const);
  return Object.fromEntries(entries) as Record<keyof Stages, number>;
}
