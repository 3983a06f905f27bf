import { createMetrics } from "@axial/kit";
import { describe, expect, it } from "vitest";
import type { EngineTask } from "../../src/protocol.ts";
import { handleJob, MAX_DELIVERIES } from "../../src/supervisor/handle-job.ts";

const JOB = {
  task: "0".repeat(32),
  attempt: 1,
  manifest: "0".repeat(64),
  lane: "routine",
  model: "tiny-brain",
  dispatchedAt: 0,
};

/** What the engine is asked, and what is sent, when the queue hands out a job for the nth time. */
async function handedOut(deliveries: number, job: object = JOB) {
  const asked: EngineTask[] = [];
  const sent: object[] = [];
  await handleJob(
    { id: "job", data: job, deliveries },
    {
      engine: {
        run: async (task) => {
          asked.push(task);
          return { kind: "failed", code: "engine-crashed" };
        },
      },
      blobs: { putMany: async () => [] },
      sender: { send: async (message) => void sent.push(message) },
      metrics: createMetrics("worker"),
    },
  );
  return { isolate: asked[0]?.isolate, sent };
}

describe("a job", () => {
  it("shares batches the first time, and after one lost worker: it had hardly begun", async () => {
    expect(await handedOut(1)).toMatchObject({ isolate: false });
    expect(await handedOut(2)).toMatchObject({ isolate: false });
  });

  it("runs alone once two workers were lost with it, and when its attempt says so", async () => {
    expect(await handedOut(3)).toMatchObject({ isolate: true });
    expect(await handedOut(1, { ...JOB, isolate: true })).toMatchObject({ isolate: true });
  });

  it("is reported instead of run once it has taken too many workers down", async () => {
    const { isolate, sent } = await handedOut(MAX_DELIVERIES + 1);
    expect(isolate).toBeUndefined();
    expect(sent).toMatchObject([{ kind: "failed", code: "worker-lost", isolate: true }]);
  });
});
