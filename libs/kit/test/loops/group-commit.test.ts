import { describe, expect, it } from "vitest";
import { GroupCommit, type GroupCommitOptions } from "../../src/loops/group-commit.ts";

const URGENT = { urgent: true };
const PATIENT = { urgent: false };
/** A pace that no test outlives. */
const NEVER_MS = 3_600_000;

const options = (overrides: Partial<GroupCommitOptions>): GroupCommitOptions => ({
  maxItems: 64,
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
    const commit = new GroupCommit<number>(options({ maxItems: 3 }), async (batch) => {
      batches.push([...batch]);
      if (batches.length === 1) await gate;
    });
    const all = [commit.submit([1], URGENT), commit.submit([2], URGENT)];
    await new Promise((resolve) => setImmediate(resolve));
    all.push(...[3, 4, 5, 6].map((item) => commit.submit([item], URGENT)));
    open();
    await Promise.all(all);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it("rejects the items of a batch that failed, and goes on", async () => {
    const commit = new GroupCommit<string>(options({ maxItems: 1 }), async ([item]) => {
      if (item === "bad") throw new Error("no");
    });
    const settled = await Promise.allSettled(
      ["bad", "good"].map((item) => commit.submit([item], URGENT)),
    );
    expect(settled.map((outcome) => outcome.status)).toEqual(["rejected", "fulfilled"]);
  });

  it("writes what comes after a quiet time at once, and the next in its pace", async () => {
    const { batches, commit } = recording({ paceMs: 50 });
    await commit.submit(["first"], PATIENT);
    const begun = performance.now();
    await Promise.all([commit.submit(["a"], PATIENT), commit.submit(["b"], PATIENT)]);
    expect(performance.now() - begun).toBeGreaterThan(25);
    expect(batches).toEqual([["first"], ["a", "b"]]);
  });

  it("does not keep its pace for a batch that is worth it", async () => {
    const { batches, commit } = recording();
    await commit.submit(["first"], PATIENT);
    const waiting = [commit.submit(["a"], PATIENT), commit.submit(["b"], PATIENT)];
    await aMoment();
    expect(batches).toEqual([["first"]]);
    await Promise.all([...waiting, commit.submit(["c"], PATIENT)]);
    expect(batches).toEqual([["first"], ["a", "b", "c"]]);
  });

  it("writes an urgent item at once and before what waits, which goes along", async () => {
    const { batches, commit } = recording({ worthwhile: 64, maxItems: 2 });
    await commit.submit(["first"], PATIENT);
    const waiting = commit.submit(["a"], PATIENT);
    void commit.submit(["left"], PATIENT);
    await aMoment();
    await Promise.all([commit.submit(["urgent"], URGENT), waiting]);
    await aMoment();
    expect(batches).toEqual([["first"], ["urgent", "a"]]);
  });

  it("does not split what was submitted together", async () => {
    const { batches, commit } = recording({ paceMs: 0, maxItems: 3 });
    await Promise.all(
      [["a"], ["b", "c"], ["d", "e"], ["f", "g", "h", "i"]].map((items) => commit.submit(items)),
    );
    expect(batches).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
      ["f", "g", "h", "i"],
    ]);
  });

  it("resolves each submission with the outcomes of its items", async () => {
    const commit = new GroupCommit<number, number>(options({}), async (items) =>
      items.map((item) => item * 10),
    );
    const answers = [[1], [2, 3], [4]].map((items) => commit.submit(items));
    expect(await Promise.all(answers)).toEqual([[10], [20, 30], [40]]);
  });

  it("writes a group beside the one that is being written, where it may", async () => {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const begun: number[] = [];
    const commit = new GroupCommit<number>(options({ concurrency: 2, paceMs: 0 }), ([item = 0]) => {
      begun.push(item);
      return gates[item]?.promise ?? Promise.resolve();
    });
    for (const item of [0, 1, 2]) {
      void commit.submit([item]);
      await aMoment();
    }
    expect(begun).toEqual([0, 1]);
    gates[1]?.resolve();
    await aMoment();
    expect(begun).toEqual([0, 1, 2]);
    for (const { resolve } of gates) resolve();
    await commit.idle();
  });

  describe("when a group fails", () => {
    const failing = (isCommon: boolean) => {
      const tried: string[][] = [];
      const commit = new GroupCommit<string>(
        options({ isCommon: () => isCommon }),
        async (items) => {
          tried.push([...items]);
          if (items.includes("bad")) throw new Error("no");
        },
      );
      const answers = ["good", "bad", "fine"].map((item) => commit.submit([item]));
      return { tried, settled: Promise.allSettled(answers) };
    };

    it("tries each submission alone where one may be to blame", async () => {
      const { tried, settled } = failing(false);
      const statuses = (await settled).map(({ status }) => status);
      expect(statuses).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(tried).toEqual([["good", "bad", "fine"], ["good"], ["bad"], ["fine"]]);
    });

    it("does not where the failure would hit all alike", async () => {
      const { tried, settled } = failing(true);
      expect((await settled).map(({ status }) => status)).toEqual(Array(3).fill("rejected"));
      expect(tried).toHaveLength(1);
    });
  });
});
