import type { BlobStore } from "@axial/blobs";
import {
  type BlobKey,
  inputHashOf,
  type ResultMessage,
  type TaskId,
  type TaskInput,
  type TaskResult,
} from "@axial/contracts";
import { preprocessingHash, readManifest } from "@axial/inference/packages";
import type { Database } from "@axial/store/database";
import { TINY_MODELS } from "@axial/testkit";

const TINY = await readManifest(`${TINY_MODELS}/tiny-brain/1.0.0`);
const { id, version, evidence } = TINY;
const model = { id, version, sha256: TINY.weights.sha256, evidence };
const NO_BLOB = "0".repeat(64) as BlobKey;

/** A result as the engine writes it, for the tiny test model. */
export function taskResult(task: TaskId, overrides: Partial<TaskResult> = {}): TaskResult {
  const result: TaskResult = {
    schemaVersion: 1,
    task,
    model,
    provider: "cpu",
    preprocessingHash: preprocessingHash(TINY),
    inputHash: "",
    distributions: [
      {
        name: "appearance",
        kind: "head",
        label: "dark",
        display: "Dark image",
        probability: 0.7,
        probabilities: { bright: 0.1, dark: 0.7, textured: 0.2 },
      },
    ],
    slices: [{ sopInstanceUid: "1.2.3", frame: 0, probabilities: { appearance: [0.1, 0.7, 0.2] } }],
    skipped: [],
    timings: { decode: 3, batchWait: 1, infer: 5, total: 9 },
    batchSizes: [4],
    ...overrides,
  };
  return { ...result, inputHash: overrides.inputHash ?? inputHashOf(taskInput(result)) };
}

/** The input that a result answers. */
export function taskInput({ task, slices }: TaskResult): TaskInput {
  return {
    schemaVersion: 1,
    task,
    model: { id: model.id, version: model.version, sha256: model.sha256 },
    slices: slices.map(({ sopInstanceUid, frame }) => ({
      ...{ blob: NO_BLOB, kind: "dicom", sopInstanceUid, frame },
    })),
  };
}

/** Stores the input of a task. */
export async function giveInput({ db, blobs }: Stores, input: TaskInput): Promise<void> {
  const manifest = await blobs.put(new TextEncoder().encode(JSON.stringify(input)));
  await db.updateTable("task").set({ manifest }).where("id", "=", input.task).execute();
}

interface Stores {
  readonly db: Database;
  readonly blobs: BlobStore;
}

/** The message of an attempt that ended well, with its blob stored, and its task's input. */
export async function doneMessage(
  stores: Stores,
  task: TaskId,
  { attempt = 1, result = taskResult(task) }: { attempt?: number; result?: TaskResult } = {},
): Promise<ResultMessage> {
  await giveInput(stores, taskInput(result));
  const blob = await stores.blobs.put(new TextEncoder().encode(JSON.stringify(result)));
  const now = Date.now();
  return { kind: "done", task, attempt, result: blob, takenAt: now - 20, finishedAt: now - 5 };
}
