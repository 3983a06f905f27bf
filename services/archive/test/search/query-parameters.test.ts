import { expect, test } from "vitest";
import { attributePath, MAX_RESULTS, parseSearch } from "../../src/search/query-parameters.ts";

test("attributes are named by tag, keyword, and through a sequence", () => {
  expect(attributePath("PatientID")).toEqual(["00100020"]);
  expect(attributePath("0020000d")).toEqual(["0020000D"]);
  expect(attributePath("RequestAttributesSequence.00401001")).toEqual(["00400275", "00401001"]);
  for (const name of ["Patient", "0010002", "a.b.c", "PatientID.", ""]) {
    expect(attributePath(name)).toBeNull();
  }
});

test("what a query asks", () => {
  const search = parseSearch({
    PatientName: "A*",
    includefield: ["00081030,StudyTime", "all"],
    limit: "5",
    offset: "10",
    accept: "application/json",
  });
  expect(search).toEqual({
    matches: [{ path: ["00100010"], text: "A*" }],
    include: [["00081030"], ["00080030"]],
    includeAll: true,
    limit: 5,
    offset: 10,
    warnings: [],
  });
});

test("limits are capped, unknown parameters and fuzzy matching get a warning", () => {
  const search = parseSearch({ limit: "999999", fuzzymatching: "true", colour: "blue" });
  expect(search.limit).toBe(MAX_RESULTS);
  expect(search.warnings).toHaveLength(2);
  expect(parseSearch({ fuzzymatching: "false" }).warnings).toEqual([]);
});

test.each([{ limit: "-1" }, { limit: "many" }, { offset: "1.5" }, { offset: "99999999" }])(
  "%o is refused",
  (query) => {
    expect(() => parseSearch(query)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  },
);
