import type { RunId, SeriesId, StudyId, TenantId } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { currentRunId } from "../answers.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import type {
  PredictionTable,
  RefusalTable,
  RunTable,
  SeriesTable,
  StudyTable,
  TaskTable,
} from "../schema.ts";

/** This many of the newest runs are shown, and the current one, which may be older. */
const MAX_RUNS = 50;
/**
 * Of those as many as have so many tasks and refusals together, and the newest in any case. One run
 * of the largest study has a few thousand.
 */
const MAX_ROWS = 10_000;

/** Everything that a rendering needs of one study, read at one instant. */
export interface StudyRecord {
  readonly study: Selectable<StudyTable>;
  readonly series: readonly Selectable<SeriesTable>[];
  /** Newest first. */
  readonly runs: readonly Selectable<RunTable>[];
  readonly tasks: readonly Selectable<TaskTable>[];
  readonly predictions: readonly Selectable<PredictionTable>[];
  readonly refusals: readonly Selectable<RefusalTable>[];
}

/** Reads a study of the tenant. Returns null when the tenant has no such study. */
export function readStudy(
  db: Database,
  tenant: TenantId,
  studyUid: string,
): Promise<StudyRecord | null> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (trx) => {
      const study = await trx
        .selectFrom("study")
        .selectAll()
        .where("tenant_id", "=", tenant)
        .where("study_uid", "=", studyUid)
        .executeTakeFirst();
      return study === undefined ? null : readRecord(trx, study);
    });
}

async function readRecord(
  trx: DatabaseTransaction,
  study: Selectable<StudyTable>,
): Promise<StudyRecord> {
  const runs = await readRuns(trx, study.id);
  const series = await readSeries(trx, study.id);
  const [tasks, predictions, refusals] = await readRunContents(
    trx,
    runs.map((run) => run.id),
  );
  return { study, series, runs, tasks, predictions, refusals };
}

async function readRuns(trx: DatabaseTransaction, study: StudyId) {
  const { rows } = await sql<{ id: RunId }>`
    SELECT id FROM (
      SELECT id, number, sum((SELECT count(*) FROM task WHERE run_id = run.id)
        + (SELECT count(*) FROM refusal WHERE run_id = run.id)) OVER (ORDER BY number DESC) AS upto,
        row_number() OVER (ORDER BY number DESC) AS place
      FROM run WHERE study_id = ${study} AND number > ${newestNumber(study, MAX_RUNS)}
    ) AS newest
    WHERE place = 1 OR upto <= ${MAX_ROWS}`.execute(trx);
  const newest = rows.map(({ id }) => id);
  if (newest.length === 0) return [];
  return trx
    .selectFrom("run")
    .selectAll()
    .where("study_id", "=", study)
    .where((where) =>
      where.or([where("id", "in", newest), where("id", "=", currentRunId(sql.val(study)))]),
    )
    .orderBy("number", "desc")
    .execute();
}

/** The number of the run before the newest `count`. */
function newestNumber(study: StudyId, count: number) {
  return sql<number>`(SELECT max(number) - ${count} FROM run WHERE study_id = ${study})`;
}

function readSeries(trx: DatabaseTransaction, study: StudyId) {
  return trx
    .selectFrom("series")
    .selectAll()
    .where("study_id", "=", study)
    .where("own", "=", false)
    .orderBy("id")
    .execute();
}

async function readRunContents(trx: DatabaseTransaction, runs: RunId[]) {
  if (runs.length === 0) return [[], [], []] as const;
  const tasks = trx.selectFrom("task").selectAll().where("run_id", "in", runs).orderBy("id");
  const predictions = trx
    .selectFrom("prediction")
    .selectAll()
    .where("run_id", "in", runs)
    .orderBy("id");
  const refusals = trx.selectFrom("refusal").selectAll().where("run_id", "in", runs).orderBy("id");
  return [await tasks.execute(), await predictions.execute(), await refusals.execute()] as const;
}

/**
 * The run that a study's answer is: the newest that has an answer, else the newest; undefined
 * before the first plan.
 */
export function currentRun({
  runs,
}: Pick<StudyRecord, "runs">): StudyRecord["runs"][0] | undefined {
  return runs.find((run) => run.answered_at !== null) ?? runs[0];
}

/** The Series Instance UID of each series in a record. */
export function seriesUids(record: StudyRecord): ReadonlyMap<SeriesId, string> {
  return new Map(record.series.map((series) => [series.id, series.series_uid]));
}
