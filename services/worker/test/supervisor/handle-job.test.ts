import { type Lane, newId, type ResultMessage } from "@axial/contracts";
import { createMetrics, NO_TRACING } from "@axial/kit";
import { describe, expect, it } from "vitest";
import { handleJob, MAX_DELIVERIES } from "../../src/supervisor/handle-job.ts";

/** What becomes of a job that was handed out `deliveries` times. */
async function handled(deliveries: number, lane: Lane = "routine") {
  const sent: ResultMessage[] = [];
  const first: (boolean | undefined)[] = [];
  const run: boolean[] = [];
  const task = newId();
  const data = {
    task,
    attempt: 1,
    manifest: "0".repeat(64),
    lane,
    model: "m",
    dispatchedAt: 1,
  };
  await handleJob(
    { id: `t${task}-1`, data, deliveries },
    {
      worker: "w1",
      engine: {
        run: async ({ isolate }) => {
          run.push(isolate);
          return { kind: "failed", code: "internal" };
        },
      },
      blobs: { putMany: async () => [] },
      sender: {
        send: async (message, options) => {
          sent.push(message);
          first.push(options?.first);
        },
      },
      metrics: createMetrics("test"),
      tracing: NO_TRACING,
    },
  );
  return { sent, first, run };
}

it("a STAT outcome goes before all others", async () => {
  expect((await handled(1, "stat")).first).toEqual([true]);
  expect((await handled(1)).first).toEqual([false]);
});

describe("a job whose workers were lost", () => {
  it("shares batches after the first, and runs alone after the second", async () => {
    expect((await handled(1)).run).toEqual([false]);
    expect((await handled(2)).run).toEqual([false]);
    expect((await handled(3)).run).toEqual([true]);
  });

  it("is not run for ever: it may be what takes them down", async () => {
    const { sent, run } = await handled(MAX_DELIVERIES + 1);
    expect(run).toEqual([]);
    expect(sent).toMatchObject([{ kind: "failed", code: "worker-lost", isolate: true }]);
  });
});
