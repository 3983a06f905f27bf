import { describe, expect, it } from "vitest";
import { GroupCommit, type GroupCommitOptions } from "../../src/recorder/group-commit.ts";

const URGENT = { urgent: true };
const PATIENT = { urgent: false };
/** A pace that no test outlives. */
const NEVER_MS = 3_600_000;

const options = (overrides: Partial<GroupCommitOptions>): GroupCommitOptions => ({
  maxBatch: 64,
  paceMs: NEVER_MS,
  worthwhile: 3,
  ...overrides,
});

/** The batches that are written from now on, and the commit that writes them. */
function recording(overrides: Partial<GroupCommitOptions> = {}) {
  const batches: string[][] = [];
  const commit = new GroupCommit<string>(options(overrides), async (batch) => {
    batches.push([...batch]);
  });
  return { batches, commit };
}

const aMoment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("GroupCommit", () => {
  it("writes together what came while the last batch was being written", async () => {
    const batches: number[][] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const commit = new GroupCommit<number>(options({ maxBatch: 3 }), async (batch) => {
      batches.push([...batch]);
      if (batches.length === 1) await gate;
    });
    const all = [commit.submit(1, URGENT), commit.submit(2, URGENT)];
    await new Promise((resolve) => setImmediate(resolve));
    all.push(...[3, 4, 5, 6].map((item) => commit.submit(item, URGENT)));
    open();
    await Promise.all(all);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it("rejects the items of a batch that failed, and goes on", async () => {
    const commit = new GroupCommit<string>(options({ maxBatch: 1 }), async ([item]) => {
      if (item === "bad") throw new Error("no");
    });
    const settled = await Promise.allSettled(
      ["bad", "good"].map((item) => commit.submit(item, URGENT)),
    );
    expect(settled.map((outcome) => outcome.status)).toEqual(["rejected", "fulfilled"]);
  });

  it("writes what comes after a quiet time at once, and the next in its pace", async () => {
    const { batches, commit } = recording({ paceMs: 50 });
    await commit.submit("first", PATIENT);
    const begun = performance.now();
    await Promise.all([commit.submit("a", PATIENT), commit.submit("b", PATIENT)]);
    expect(performance.now() - begun).toBeGreaterThan(25);
    expect(batches).toEqual([["first"], ["a", "b"]]);
  });

  it("does not keep its pace for a batch that is worth it", async () => {
    const { batches, commit } = recording();
    await commit.submit("first", PATIENT);
    const waiting = [commit.submit("a", PATIENT), commit.submit("b", PATIENT)];
    await aMoment();
    expect(batches).toEqual([["first"]]);
    await Promise.all([...waiting, commit.submit("c", PATIENT)]);
    expect(batches).toEqual([["first"], ["a", "b", "c"]]);
  });

  it("writes an urgent item at once and before what waits, which goes along", async () => {
    const { batches, commit } = recording({ worthwhile: 64, maxBatch: 2 });
    await commit.submit("first", PATIENT);
    const waiting = commit.submit("a", PATIENT);
    void commit.submit("left", PATIENT);
    await aMoment();
    await Promise.all([commit.submit("urgent", URGENT), waiting]);
    await aMoment();
    expect(batches).toEqual([["first"], ["urgent", "a"]]);
  });
});
