import { expect, test } from "vitest";
import { GroupCommitter } from "../../src/ingest/group-committer.ts";

interface Commit {
  readonly items: readonly number[];
  readonly succeed: () => void;
  readonly fail: (error: Error) => void;
}

/** A committer whose commits end when the test says so. */
function committer(options: { maxItems?: number; isCommon?: boolean } = {}) {
  const commits: Commit[] = [];
  const commit = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      const succeed = () => resolve(items.map((item) => item * 10));
      commits.push({ items, succeed, fail: reject });
    });
  const group = new GroupCommitter<number, number>(commit, {
    maxItems: options.maxItems ?? 100,
    concurrency: 1,
    isCommon: () => options.isCommon ?? false,
  });
  return { group, commits };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the first commits at once, what comes meanwhile shares the next", async () => {
  const { group, commits } = committer();
  const answers = [group.submit([1]), group.submit([2, 3]), group.submit([4])];
  expect(commits.map(({ items }) => items)).toEqual([[1]]);
  commits[0]?.succeed();
  await settled();
  expect(commits[1]?.items).toEqual([2, 3, 4]);
  commits[1]?.succeed();
  expect(await Promise.all(answers)).toEqual([[10], [20, 30], [40]]);
});

test("a group ends at its limit, and a submission is never split", async () => {
  const { group, commits } = committer({ maxItems: 3 });
  void group.submit([1]);
  void group.submit([2, 3]);
  void group.submit([4, 5]);
  void group.submit([6, 7, 8, 9]);
  for (let index = 0; index < 4; index += 1) {
    commits[index]?.succeed();
    await settled();
  }
  expect(commits.map(({ items }) => items)).toEqual([[1], [2, 3], [4, 5], [6, 7, 8, 9]]);
});

test("when a merged commit fails, each submission is tried alone", async () => {
  const { group, commits } = committer();
  const first = group.submit([1]);
  const good = group.submit([2]);
  const bad = group.submit([3]);
  commits[0]?.succeed();
  await settled();
  commits[1]?.fail(new Error("a bad row"));
  await settled();
  commits[2]?.succeed();
  await settled();
  commits[3]?.fail(new Error("a bad row"));
  await expect(bad).rejects.toThrow("a bad row");
  expect([await first, await good]).toEqual([[10], [20]]);
});

test("a failure that hits all alike is not tried again one by one", async () => {
  const { group, commits } = committer({ isCommon: true });
  const answers = [group.submit([1]), group.submit([2]), group.submit([3])];
  const outcomes = Promise.allSettled(answers);
  commits[0]?.fail(new Error("the database is away"));
  await settled();
  commits[1]?.fail(new Error("the database is away"));
  expect((await outcomes).map(({ status }) => status)).toEqual(Array(3).fill("rejected"));
  expect(commits).toHaveLength(2);
});
