import type { StudyState, StudyView } from "@axial/contracts";
import { expect, it } from "vitest";
import { isTroubled, troubleLines } from "../../src/render/trouble-lines.ts";
import { STUDY } from "./study-view.ts";

const DEAD = { run: 1, task: "t1", series: "1.2.3", model: "brain", code: "engine-crashed" };

it("names a dead task as axial dlq knows it", () => {
  expect(troubleLines({ ...STUDY, failures: [DEAD] })).toEqual([
    "died: task t1 of run 1, brain on series 1.2.3: engine-crashed (axial dlq list)",
  ]);
});

it.each<[StudyView["rerun"], string]>([
  [{ run: 2, state: "running" }, "run 2: running; shown is the answer before it"],
  [
    { run: 2, state: "rerun failed", reason: "all its tasks died" },
    "run 2: rerun failed: all its tasks died; shown is the answer before it",
  ],
  [
    { run: 3, state: "rerun failed", reason: "cancelled" },
    "run 3: rerun failed: cancelled; shown is the answer before it",
  ],
])("says which answer is shown: %j", (rerun, line) => {
  expect(troubleLines({ ...STUDY, rerun })).toEqual([line]);
  expect(isTroubled({ ...STUDY, rerun })).toBe(rerun?.state === "rerun failed");
});

it.each<[StudyState, boolean]>([
  ["receiving", false],
  ["closed", false],
  ["complete", false],
  ["complete-with-failures", true],
  ["failed", true],
  ["held", true],
  ["cancelled", true],
])("a study that is %s is troubled: %s", (state, troubled) => {
  expect(troubleLines({ ...STUDY, state })).toEqual([]);
  expect(isTroubled({ ...STUDY, state })).toBe(troubled);
});

it("a complete study of which a rerun's task died is troubled", () => {
  expect(isTroubled({ ...STUDY, failures: [DEAD] })).toBe(true);
});
