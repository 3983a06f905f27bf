import { expect, test } from "vitest";
import { chooseSlices } from "../src/index.ts";

const series = Array.from({ length: 10 }, (_, i) => i);

test.each([
  [{ kind: "all", max: 20 }, series],
  [{ kind: "all", max: 5 }, [1, 3, 5, 7, 9]],
  [{ kind: "central", count: 4 }, [3, 4, 5, 6]],
  [{ kind: "central", count: 99 }, series],
  [{ kind: "single" }, [4]],
] as const)("%o", (rule, expected) => {
  expect(chooseSlices(series, rule)).toEqual(expected);
});

test("of nothing comes nothing", () => {
  expect(chooseSlices([], { kind: "single" })).toEqual([]);
});
