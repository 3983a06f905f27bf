import { AxialError, type RunId, type TenantId } from "@axial/contracts";
import { listOwnInstances, type OwnInstance } from "@axial/store/own";
import { type InstanceRow, listInstances, readStudy, type StudyRecord } from "@axial/store/views";
import type { Dependencies } from "../dependencies.ts";
import { buildReport, type Report } from "../render/report/report.ts";
import { predecessorOf } from "./object-uids.ts";

/** What every rendering of a run is made of. */
export interface RunSources {
  /** Without shadows. */
  readonly record: StudyRecord;
  readonly instances: readonly InstanceRow[];
  readonly report: Report;
  /** What was made of the study so far, of this run and others. */
  readonly own: readonly (OwnInstance & { readonly run: RunId })[];
}

interface RunOfStudy {
  readonly tenant: TenantId;
  readonly studyUid: string;
  /** The current run without it. */
  readonly run?: RunId;
}

/** Reads a run for rendering. Throws `not-found` without the study, `conflict` without an answer. */
export async function readRunSources(
  { db, models }: Pick<Dependencies, "db" | "models">,
  { tenant, studyUid, run }: RunOfStudy,
): Promise<RunSources> {
  const whole = await readStudy(db, tenant, studyUid);
  if (whole === null) throw new AxialError("not-found", { detail: "no such study" });
  const record = withoutShadows(whole);
  const [instances, own, installed] = await Promise.all([
    listInstances(db, tenant, record.study.id),
    listOwnInstances(db, record.study.id),
    models.all(),
  ]);
  const report = buildReport({
    ...{ record, instances, models: installed },
    ...(run === undefined ? {} : { run }),
  });
  // A run that ended again, after its dead tasks were replayed, replaces what it said before.
  const amends = report.amends || predecessorOf({ report, own }) !== null;
  return { record, instances, own, report: { ...report, amends } };
}

/** Of a model that ran in several versions, only what the answering one said is reported. */
function withoutShadows(record: StudyRecord): StudyRecord {
  const tasks = record.tasks.filter(({ arm }) => arm !== "shadow");
  const shown = new Set(tasks.map(({ id }) => id));
  return {
    ...record,
    tasks,
    predictions: record.predictions.filter(({ task_id }) => shown.has(task_id)),
    refusals: record.refusals.filter(({ arm }) => arm !== "shadow"),
  };
}
