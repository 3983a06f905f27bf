import type { BlobStore } from "@axial/blobs";
import type { ResultMessage, TaskId, TaskResult } from "@axial/contracts";

/** A result as the engine writes it, for the tiny test model. */
export function taskResult(task: TaskId, overrides: Partial<TaskResult> = {}): TaskResult {
  return {
    schemaVersion: 1,
    task,
    model: { id: "tiny-brain", version: "1.0.0", sha256: "a".repeat(64), evidence: "research" },
    provider: "cpu",
    preprocessingHash: "b".repeat(64),
    inputHash: "c".repeat(64),
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
}

/** The message of an attempt that ended well, with its blob stored. */
export async function doneMessage(
  blobs: BlobStore,
  task: TaskId,
  { attempt = 1, result = taskResult(task) }: { attempt?: number; result?: TaskResult } = {},
): Promise<ResultMessage> {
  const blob = await blobs.put(new TextEncoder().encode(JSON.stringify(result)));
  const now = Date.now();
  return { kind: "done", task, attempt, result: blob, takenAt: now - 20, finishedAt: now - 5 };
}
