import type { TaskId } from "@axial/contracts";
import type { WaitingRecord, WaitingTask, WorkerRow } from "@axial/store/views";
import { describe, expect, it } from "vitest";
import { whyWaiting } from "../../src/views/why-waiting.ts";

const NOW = Date.UTC(2026, 0, 1);

const worker: WorkerRow = {
  id: "w",
  capacity: 8,
  models: ["m"],
  lanes: ["stat", "routine", "backfill"],
  provider: "cpu",
  pool: "default",
  version: null,
  clock_skew_seconds: 0,
  held: {},
  seen_at: new Date(NOW),
};

const task: WaitingTask = {
  id: "t" as TaskId,
  model: "m",
  state: "pending",
  attempt: 0,
  not_before: new Date(NOW - 1),
  error_code: null,
  error_at: null,
};

const record: WaitingRecord = {
  state: "closed",
  lane: "routine",
  instances: 3,
  expected: null,
  last_instance_at: new Date(NOW),
  to_be_planned: false,
  lane_paused: false,
  tenant: {
    paused: false,
    quiet_period_seconds: 60,
    max_concurrent_tasks: null,
    max_tasks_per_minute: null,
    in_flight: 0,
  },
  tasks: [task],
  ahead: 29,
  finished_lately: 300,
};

const why = (change: Partial<WaitingRecord>, workers = [worker]) =>
  whyWaiting({ ...record, ...change }, { study: "1.2", workers, now: NOW });
const codes = (view: ReturnType<typeof why>) => view.reasons.map((reason) => reason.code);

describe("whyWaiting", () => {
  it("tells place, time and capacity of a study in line", () => {
    const view = why({});
    expect(codes(view)).toEqual(["in-line"]);
    expect(view).toMatchObject({
      position: 29,
      etaSeconds: 30,
      capacity: { workers: 1, tasks: 8 },
    });
  });

  it("names what is missing before it can be planned", () => {
    expect(codes(why({ state: "receiving", expected: 5 }))).toEqual(["instances-missing"]);
    expect(codes(why({ state: "receiving" }))).toEqual(["quiet-period"]);
    expect(codes(why({ to_be_planned: true, tasks: [] }))).toEqual(["to-be-planned"]);
  });

  it("names throttles and missing workers", () => {
    const tenant = { ...record.tenant, paused: true, max_concurrent_tasks: 2, in_flight: 2 };
    const view = why({ tenant }, []);
    expect(codes(view)).toEqual(["tenant-paused", "tenant-concurrency", "no-worker", "in-line"]);
    expect(view.throttles).toEqual(["tenant-paused", "tenant-concurrency"]);
  });

  it("waits for a retry, with the last error", () => {
    const failed = {
      ...task,
      not_before: new Date(NOW + 60_000),
      error_code: "out-of-memory",
      error_at: new Date(NOW).toISOString(),
    };
    const view = why({ tasks: [failed], ahead: 0 });
    expect(codes(view)).toEqual(["retry-later"]);
    expect(view.lastError).toMatchObject({ code: "out-of-memory" });
    expect(view.etaSeconds).toBe(61);
    expect(view.retryAt).toBe(failed.not_before.toISOString());
  });

  it("waits for nothing once it is finished, and guesses no time without throughput", () => {
    expect(why({ state: "complete", tasks: [] })).toMatchObject({
      waiting: false,
      reasons: [],
    });
    expect(why({ finished_lately: 0 }).etaSeconds).toBeNull();
  });
});
