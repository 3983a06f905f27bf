import type { PlanPreview } from "@axial/gateway";
import { expect, it } from "vitest";
import { planPreviewLines } from "../../src/render/plan-preview-lines.ts";

const STACK: PlanPreview["stacks"][number] = {
  description: "sagittal, side R, 9 places",
  ...{ outcome: "task", slices: 11, places: 9, order: "position", used: 4 },
  ...{ excluded: { "duplicate-place": 2 }, unselected: 5, rule: "the central 4" },
};

const PREVIEW: PlanPreview = {
  ...{ seriesUid: "1.2.3", model: "knee", version: "1.0.0", decision: "task", answers: 1 },
  ...{ facts: {}, of: 19, stacks: [STACK], excluded: {}, laterality: null, turned: 0, slices: [] },
};

it("says for each stack what is used, left out and why", () => {
  const other = { ...STACK, description: "sagittal, side L, 5 places", slices: 5 };
  const lines = planPreviewLines({
    ...PREVIEW,
    stacks: [
      STACK,
      { ...other, outcome: "other-stack", used: 0, excluded: {}, unselected: 0, order: "none" },
      { ...other, outcome: "too-few-slices", used: 0, excluded: {}, unselected: 0 },
    ],
    excluded: { localizer: 3 },
    ...{ laterality: "R", turned: 4 },
    slices: ["1", "2", "3", "4"].map((sopInstanceUid) => ({ sopInstanceUid, frame: 0 })),
  });
  expect(lines).toEqual([
    "1.2.3  knee  task, 4 of 19 slices",
    "    left out   3 localizer: The images are localisers.",
    "    stack      sagittal, side R, 9 places of 11 slices, ordered by position: 4 used",
    "      left out   2 duplicate-place: lies where another slice with the same pixels lies",
    "      left out   5 by the package's slice rule: the central 4",
    "    stack      sagittal, side L, 5 places of 5 slices, in no known order: not chosen",
    "    stack      sagittal, side L, 5 places of 5 slices, ordered by position: refused: too-few-slices",
    "    turned     4 of 4",
    "    laterality R",
  ]);
});

it("says why a series is refused, and with which facts", () => {
  const lines = planPreviewLines({
    ...PREVIEW,
    ...{ decision: "wrong-body-part", answers: 0, stacks: [] },
    facts: { bodyPart: "FOOT", wanted: ["KNEE", "LEG"], excluded: ["wrong-body-part: 19"] },
    excluded: { "wrong-body-part": 19 },
  });
  expect(lines).toEqual([
    "1.2.3  knee  refused: wrong-body-part (The body part is not the model's.)",
    "    left out   19 wrong-body-part: The body part is not the model's.",
    "    bodyPart: FOOT",
    "    wanted: KNEE; LEG",
  ]);
});
