import {
  EVIDENCE_STATEMENT,
  outcomeOf,
  type PredictionView,
  type RefusalView,
  type RunView,
  refusalTitle,
  type SeriesId,
  type StudyView,
  type TaskArm,
  type TaskId,
} from "@axial/contracts";
import { currentRun, type StudyRecord, seriesUids } from "@axial/store/views";
import { heatmapLinks } from "./heatmap-links.ts";
import { resultParts } from "./result-parts.ts";

type Row<Table extends keyof StudyRecord> = StudyRecord[Table] extends readonly (infer Item)[]
  ? Item
  : never;

/** The study as callers see it: everything by DICOM UID, no patient data. */
export function studyView(record: StudyRecord): StudyView {
  const { study } = record;
  const runs = runViews(record);
  const current = runs.find((run) => run.current);
  const [newest] = runs;
  return {
    study: study.study_uid,
    state: study.state,
    lane: study.lane,
    instances: study.instance_count,
    expectedInstances: study.expected_instances,
    receivedAt: study.received_at.toISOString(),
    closedAt: study.closed_at?.toISOString() ?? null,
    completedAt: study.completed_at?.toISOString() ?? null,
    held:
      study.state === "held"
        ? { reason: "identity-conflict", since: study.state_since.toISOString() }
        : null,
    hold:
      study.hold_since === null
        ? null
        : { since: study.hold_since.toISOString(), reason: study.hold_reason ?? "" },
    imagesRemovedAt: study.images_removed_at?.toISOString() ?? null,
    series: record.series.map((series) => ({
      series: series.series_uid,
      modality: series.modality,
      instances: series.instance_count,
    })),
    predictions: current?.predictions ?? [],
    refusals: current?.refusals ?? [],
    failures: runs.filter((run) => run.current || run === newest).flatMap(failureViews),
    rerun: newest === undefined || newest.current ? null : rerunView(newest),
    runs,
  };
}

function failureViews({ number, tasks }: RunView): StudyView["failures"] {
  return tasks
    .filter(({ state }) => state === "dead")
    .map(({ id, series, model, errorCode }) => ({
      ...{ run: number, task: id, series, model },
      code: errorCode ?? "internal",
    }));
}

/** A newer run than the current one: it has no answer yet, or will have none. */
function rerunView({ number, state }: RunView): StudyView["rerun"] {
  switch (state) {
    case "active":
      return { run: number, state: "running" };
    case "cancelled":
      return { run: number, state: "rerun failed", reason: "cancelled" };
    default:
      return { run: number, state: "rerun failed", reason: "all its tasks died" };
  }
}

function runViews(record: StudyRecord): RunView[] {
  const uids = seriesUids(record);
  const current = currentRun(record);
  const arms = new Map(record.tasks.map(({ id, arm }) => [id, arm]));
  const [tasks, predictions, refusals] = [
    Map.groupBy(record.tasks, ({ run_id }) => run_id),
    Map.groupBy(record.predictions, ({ run_id }) => run_id),
    Map.groupBy(record.refusals, ({ run_id }) => run_id),
  ];
  return record.runs.map((run) => ({
    number: run.number,
    reason: run.reason,
    state: run.state,
    current: run.id === current?.id,
    createdAt: run.created_at.toISOString(),
    completedAt: run.completed_at?.toISOString() ?? null,
    tasks: (tasks.get(run.id) ?? []).map((task) => taskView(task, uids)),
    predictions: (predictions.get(run.id) ?? []).map((row) =>
      predictionView(row, { studyUid: record.study.study_uid, uids, arms }),
    ),
    refusals: (refusals.get(run.id) ?? []).map((refusal) => refusalView(refusal, uids)),
  }));
}

function taskView(task: Row<"tasks">, uids: ReadonlyMap<SeriesId, string>): RunView["tasks"][0] {
  return {
    id: task.id,
    series: uids.get(task.series_id) ?? "",
    model: task.model_id,
    modelVersion: task.model_version,
    state: task.state,
    attempt: task.attempt,
    errorCode: task.error_code,
  };
}

interface PredictionContext {
  readonly studyUid: string;
  readonly uids: ReadonlyMap<SeriesId, string>;
  readonly arms: ReadonlyMap<TaskId, TaskArm | null>;
}

function predictionView(
  row: Row<"predictions">,
  { studyUid, uids, arms }: PredictionContext,
): PredictionView {
  const { result } = row;
  return {
    id: row.id,
    series: uids.get(row.series_id) ?? "",
    model: { ...result.model, statement: EVIDENCE_STATEMENT[result.model.evidence] },
    distributions: result.distributions,
    outcome: outcomeOf(result),
    slices: result.slices,
    ...(result.labels === undefined ? {} : { labels: result.labels }),
    ...resultParts(result),
    skipped: result.skipped,
    heatmaps: heatmapLinks(studyUid, row),
    provider: result.provider,
    arm: arms.get(row.task_id) ?? null,
    inputHash: result.inputHash,
    preprocessingHash: result.preprocessingHash,
    timings: { ...result.timings, wait: row.wait_ms, persist: row.persist_ms },
    createdAt: row.created_at.toISOString(),
  };
}

function refusalView(row: Row<"refusals">, uids: ReadonlyMap<SeriesId, string>): RefusalView {
  return {
    series: row.series_id === null ? null : (uids.get(row.series_id) ?? null),
    model: row.model_id,
    code: row.code,
    title: refusalTitle(row.code),
    facts: row.facts,
  };
}
