import { describe, expect, it } from "vitest";
import { GroupCommit } from "../../src/recorder/group-commit.ts";

describe("GroupCommit", () => {
  it("writes together what came while the last batch was being written", async () => {
    const batches: number[][] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const commit = new GroupCommit<number>(3, async (batch) => {
      batches.push([...batch]);
      if (batches.length === 1) await gate;
    });
    const all = [commit.submit(1), commit.submit(2)];
    await new Promise((resolve) => setImmediate(resolve));
    all.push(...[3, 4, 5, 6].map((item) => commit.submit(item)));
    open();
    await Promise.all(all);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it("rejects the items of a batch that failed, and goes on", async () => {
    const commit = new GroupCommit<string>(1, async ([item]) => {
      if (item === "bad") throw new Error("no");
    });
    const settled = await Promise.allSettled(["bad", "good"].map((item) => commit.submit(item)));
    expect(settled.map((outcome) => outcome.status)).toEqual(["rejected", "fulfilled"]);
  });
});
