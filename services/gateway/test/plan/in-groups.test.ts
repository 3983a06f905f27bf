import { describe, expect, test } from "vitest";
import { inGroups } from "../../src/plan/in-groups.ts";

const studies = (...sizes: number[]) => sizes.map((instances) => ({ instances }));
const sizes = (groups: { instances: number }[][]) =>
  groups.map((group) => group.map(({ instances }) => instances));

describe("groups of studies", () => {
  test("as many together as the limits allow, in their order", () => {
    const groups = inGroups(studies(4, 5, 1, 2, 3), { studies: 9, instances: 10 });
    expect(sizes(groups)).toEqual([
      [4, 5, 1],
      [2, 3],
    ]);
  });

  test("no more studies than the limit", () => {
    const groups = inGroups(studies(1, 1, 1), { studies: 2, instances: 10 });
    expect(sizes(groups)).toEqual([[1, 1], [1]]);
  });

  test("a study that is larger than a group has one of its own", () => {
    const groups = inGroups(studies(1, 99, 1), { studies: 9, instances: 10 });
    expect(sizes(groups)).toEqual([[1], [99], [1]]);
  });

  test("nothing is no group", () => {
    expect(inGroups([], { studies: 9, instances: 10 })).toEqual([]);
  });
});
