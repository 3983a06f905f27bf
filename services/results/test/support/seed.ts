import {
  type BlobKey,
  type InstanceFacts,
  type Lane,
  newId,
  newUid,
  type RunId,
  type SeriesId,
  type StudyId,
  type TaskId,
  type TaskState,
  type TenantId,
} from "@axial/contracts";
import type { Database } from "@axial/store/database";

export const TENANT = "default" as TenantId;
const NO_BLOB = "0".repeat(64) as BlobKey;

export interface SeededStudy {
  readonly study: StudyId;
  readonly studyUid: string;
  readonly series: SeriesId;
  readonly seriesUid: string;
  readonly run: RunId;
  readonly tasks: readonly TaskId[];
}

interface SeedOptions {
  readonly tenant?: TenantId;
  readonly lane?: Lane;
  readonly models?: readonly string[];
  readonly state?: TaskState;
  readonly instances?: readonly { readonly sopInstanceUid: string; readonly blob?: BlobKey }[];
}

/** A closed study with one series and one run, whose tasks (one per model) are in flight. */
export async function seedStudy(db: Database, options: SeedOptions = {}): Promise<SeededStudy> {
  const [study, series, run] = [newId<StudyId>(), newId<SeriesId>(), newId<RunId>()];
  const [studyUid, seriesUid] = [newUid(), newUid()];
  const tenant = options.tenant ?? TENANT;
  const lane = options.lane ?? "routine";
  const models = options.models ?? ["tiny-brain"];
  const instances = options.instances ?? [];
  await db
    .insertInto("tenant")
    .values({ id: tenant, max_concurrent_tasks: null, max_tasks_per_minute: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto("study")
    .values({
      id: study,
      tenant_id: tenant,
      study_uid: studyUid,
      state: "closed",
      lane,
      requested_models: null,
      expected_instances: null,
      instance_count: instances.length,
      close_reason: "explicit",
      closed_at: new Date(Date.now() - 60_000),
    })
    .execute();
  await db
    .insertInto("series")
    .values({
      id: series,
      study_id: study,
      series_uid: seriesUid,
      modality: "MR",
      instance_count: instances.length,
    })
    .execute();
  for (const { sopInstanceUid, blob } of instances) {
    await db
      .insertInto("instance")
      .values({
        id: newId(),
        tenant_id: tenant,
        study_id: study,
        series_id: series,
        sop_instance_uid: sopInstanceUid,
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.4",
        transfer_syntax: "1.2.840.10008.1.2.1",
        kind: "dicom",
        blob: blob ?? NO_BLOB,
        bytes: 1,
        facts: JSON.stringify({} satisfies Partial<InstanceFacts>),
      })
      .execute();
  }
  const tasks = await seedRun(db, { study, series, run, tenant, lane, models, ...options });
  return { study, studyUid, series, seriesUid, run, tasks };
}

interface SeedRun extends SeedOptions {
  readonly study: StudyId;
  readonly series: SeriesId;
  readonly run: RunId;
  readonly number?: number;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly models: readonly string[];
}

/** A run of a seeded study, with a task per model. */
export async function seedRun(db: Database, seed: SeedRun): Promise<TaskId[]> {
  await db
    .insertInto("run")
    .values({
      id: seed.run,
      study_id: seed.study,
      number: seed.number ?? 1,
      reason: seed.number === undefined ? "closed" : "late-arrival",
      state: "active",
      unfinished: seed.models.length,
    })
    .execute();
  const state = seed.state ?? "dispatched";
  const tasks = seed.models.map((model) => ({
    id: newId<TaskId>(),
    run_id: seed.run,
    study_id: seed.study,
    series_id: seed.series,
    tenant_id: seed.tenant,
    lane: seed.lane,
    model_id: model,
    model_version: "1.0.0",
    manifest: NO_BLOB,
    slices: 1,
    state,
    attempt: state === "pending" ? 0 : 1,
    error_code: null,
    error_detail: null,
  }));
  if (tasks.length > 0) await db.insertInto("task").values(tasks).execute();
  return tasks.map((task) => task.id);
}
