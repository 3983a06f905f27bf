import { describe, expect, test } from "vitest";
import { matchValue } from "../../src/search/match-value.ts";

describe("values to match", () => {
  test.each([
    ["DA", "20240131", { kind: "range", from: "20240131", to: "20240131" }],
    ["DA", "20240101-20240131", { kind: "range", from: "20240101", to: "20240131" }],
    ["DA", "20240101-", { kind: "range", from: "20240101", to: null }],
    ["DA", "-20240131", { kind: "range", from: null, to: "20240131" }],
    ["DA", "2024.01.31", { kind: "range", from: "20240131", to: "20240131" }],
    ["DA", "2024.01.01-2024.01.31", { kind: "range", from: "20240101", to: "20240131" }],
    ["TM", "10", { kind: "range", from: "100000.000000", to: "105959.999999" }],
    ["TM", "1015-1130", { kind: "range", from: "101500.000000", to: "113059.999999" }],
    ["TM", "101530.5-", { kind: "range", from: "101530.500000", to: null }],
    ["UI", "1.2,1.3\\1.4", { kind: "equals", values: ["1.2", "1.3", "1.4"] }],
    ["CS", "MR,CT", { kind: "equals", values: ["MR", "CT"] }],
    ["CS", "M?", { kind: "like", values: ["M?"] }],
    ["LO", "a,b", { kind: "equals", values: ["a,b"] }],
    ["PN", "doe^john^^", { kind: "name", names: ["doe^john^^"] }],
    ["IS", "03", { kind: "equals", values: ["3"] }],
    ["LO", "", { kind: "any" }],
    ["LO", "*", { kind: "any" }],
  ])("%s %s", (vr, text, match) => {
    expect(matchValue(vr, text)).toEqual(match);
  });

  test.each([
    ["DA", "2024"],
    ["DA", "20240101-20240102-20240103"],
    ["DA", "-"],
    ["DA", "20241301"],
    ["DA", "2024.1.31"],
    ["DA", "UNKNOWN"],
    ["TM", "1"],
    ["TM", "25"],
    ["TM", "1060"],
    ["TM", "NOON"],
    ["UI", "1.2.*"],
    ["UI", "1.2,"],
    ["IS", "three"],
  ])("%s %s is refused", (vr, text) => {
    expect(() => matchValue(vr, text)).toThrow(
      expect.objectContaining({ code: "invalid-request" }),
    );
  });
});
