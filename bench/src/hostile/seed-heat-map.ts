import type { BlobStore } from "@axial/blobs";
import {
  encodeHeatMaps,
  newId,
  type RunId,
  type TaskId,
  type TaskResult,
  type TenantId,
} from "@axial/contracts";
import { readManifest } from "@axial/inference/packages";
import type { Database } from "@axial/store/database";
import { TINY_MODELS } from "@axial/testkit";

export interface Stores {
  readonly db: Database;
  readonly blobs: BlobStore;
}

/**
 * Records a prediction with a heat map for a stored instance, as though a model had classified it;
 * resolves with the path of its picture below `/api/v1`. `instance` is a SOP Instance UID.
 */
export async function seedHeatMap({ db, blobs }: Stores, instance: string): Promise<string> {
  const place = await db
    .selectFrom("instance")
    .innerJoin("study", "study.id", "instance.study_id")
    .select(["instance.study_id", "series_id", "instance.tenant_id", "study_uid", "lane"])
    .where("sop_instance_uid", "=", instance)
    .executeTakeFirstOrThrow();
  const { study_id, series_id, tenant_id, study_uid, lane } = place;
  const owned = { study_id, series_id, tenant_id: tenant_id as TenantId };
  const model = await readManifest(`${TINY_MODELS}/tiny-brain/1.0.0`);
  const named = { model_id: model.id, model_version: model.version };
  const [prediction, task, run] = [newId(), newId<TaskId>(), newId<RunId>()];
  const heatmap = await blobs.put(
    encodeHeatMaps({ label: 1, height: 2, width: 2 }, [new Float32Array([0, 1, 0, 1])]),
  );
  const result: TaskResult = {
    ...{ schemaVersion: 1, task, provider: "cpu", preprocessingHash: "", inputHash: "" },
    model: {
      ...{ id: model.id, version: model.version },
      ...{ sha256: model.weights.sha256, evidence: model.evidence },
    },
    distributions: [
      {
        ...{ name: "appearance", kind: "head", label: "dark", display: "Dark image" },
        ...{ probability: 0.7, probabilities: { bright: 0.1, dark: 0.7, textured: 0.2 } },
      },
    ],
    slices: [
      {
        ...{ sopInstanceUid: instance, frame: 0, heatmap },
        probabilities: { appearance: [0.1, 0.7, 0.2] },
      },
    ],
    skipped: [],
    timings: { decode: 3, batchWait: 1, infer: 5, total: 9 },
    batchSizes: [1],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(result));
  const blob = await blobs.put(bytes);
  await db
    .insertInto("run")
    .values({ id: run, study_id, number: 1, reason: "closed", state: "complete", unfinished: 0 })
    .execute();
  await db
    .insertInto("task")
    .values({
      ...{ id: task, run_id: run, ...owned, ...named, lane, manifest: blob },
      ...{ slices: 1, state: "done", error_code: null, error_detail: null },
    })
    .execute();
  await db
    .insertInto("prediction")
    .values({
      ...{ id: prediction, task_id: task, run_id: run, ...owned, ...named },
      ...{ model_sha256: model.weights.sha256, evidence: model.evidence, provider: "cpu" },
      ...{ label: "dark", probability: 0.7, result: JSON.stringify(result), result_blob: blob },
      ...{ attempt: 1, wait_ms: 0, persist_ms: 0 },
    })
    .execute();
  return `studies/${study_uid}/heatmaps/${prediction}-0.png`;
}
