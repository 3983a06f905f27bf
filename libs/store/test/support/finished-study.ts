import { randomBytes } from "node:crypto";
import {
  type BlobKey,
  newId,
  newUid,
  type RunId,
  type StudyId,
  type TaskId,
  type TenantId,
} from "@axial/contracts";
import { storeInstances } from "@axial/store/ingest";
import { sql } from "kysely";
import { newInstance, TENANT } from "./new-instance.ts";
import type { Stack } from "./stack.ts";

export interface FinishedStudy {
  readonly study: StudyId;
  readonly image: BlobKey;
  readonly runs: readonly FinishedRun[];
}

interface FinishedRun {
  readonly run: RunId;
  readonly input: BlobKey;
  readonly result: BlobKey;
  readonly heatmap: BlobKey;
}

interface FinishedOptions {
  readonly tenant?: TenantId;
  readonly daysAgo?: number;
  readonly bytes?: number;
  readonly runs?: number;
}

/** A study with one image, completed `daysAgo`, with a prediction in each of its runs. */
export async function finishedStudy(
  stack: Stack,
  { tenant = TENANT, daysAgo = 10, bytes = 100, runs = 1 }: FinishedOptions = {},
): Promise<FinishedStudy> {
  const { db, blobs } = stack;
  const image = await blobs.put(randomBytes(40));
  const instance = newInstance(image, { tenant, bytes });
  const [outcome] = await storeInstances(db, [instance], blobs);
  if (outcome?.status !== "stored") throw new Error("not stored");
  const { study } = outcome;
  const made: FinishedRun[] = [];
  for (let number = 1; number <= runs; number += 1) {
    made.push(await finishedRun(stack, { study, tenant, number, daysAgo }));
  }
  await sql`
    UPDATE study SET state = 'complete', closed_at = now(), plan_reason = NULL,
      last_instance_at = now() - make_interval(days => ${daysAgo}),
      completed_at = now() - make_interval(days => ${daysAgo})
    WHERE id = ${study}`.execute(db);
  return { study, image, runs: made };
}

interface NewRun {
  readonly study: StudyId;
  readonly tenant: TenantId;
  readonly number: number;
  readonly daysAgo: number;
}

async function finishedRun({ db, blobs }: Stack, { study, tenant, number, daysAgo }: NewRun) {
  const [run, task] = [newId<RunId>(), newId<TaskId>()];
  const [input, result, heatmap] = await blobs.putMany([
    randomBytes(40),
    randomBytes(40),
    randomBytes(40),
  ]);
  if (input === undefined || result === undefined || heatmap === undefined) throw new Error();
  await sql`
    INSERT INTO run (id, study_id, number, reason, state, unfinished, completed_at)
    VALUES (${run}, ${study}, ${number}, 'closed', 'complete', 0,
      now() - make_interval(days => ${daysAgo}))`.execute(db);
  await sql`
    INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version,
      manifest, slices, state)
    SELECT ${task}, ${run}, ${study}, id, ${tenant}, 'routine', 'tiny-brain', '1.0.0', ${input},
      1, 'done' FROM series WHERE study_id = ${study} LIMIT 1`.execute(db);
  const json = JSON.stringify({ slices: [{ sopInstanceUid: newUid(), frame: 0, heatmap }] });
  await sql`
    INSERT INTO prediction (id, task_id, run_id, study_id, series_id, tenant_id, model_id,
      model_version, model_sha256, evidence, provider, label, probability, result, result_blob,
      attempt, wait_ms, persist_ms)
    SELECT ${newId()}, id, run_id, study_id, series_id, tenant_id, model_id, model_version, 'x',
      'research', 'cpu', 'dark', 0.5, ${json}::jsonb, ${result}, 1, 1, 1
    FROM task WHERE id = ${task}`.execute(db);
  return { run, input, result, heatmap };
}
