import { describe, expect, test } from "vitest";
import { previewPlan } from "../../src/plan/preview-plan.ts";
import { MODEL, stack, type Taker } from "./slices.ts";

const SAGITTAL = [0, 1, 0, 0, 0, -1];

function explained(instances: ReturnType<typeof stack>, changes: Partial<Taker> = {}) {
  const [first] = previewPlan(instances, [{ ...MODEL, ...changes, id: "tiny", version: "1.0.0" }]);
  if (first === undefined) throw new Error("one series and one model");
  return first;
}

/** The same slices, exported once more. */
const again = (slices: ReturnType<typeof stack>) =>
  slices.map((facts) => ({ ...facts, sopInstanceUid: `${facts.sopInstanceUid}.9` }));

describe("each stack says what becomes of its slices", () => {
  test("what belongs to none, what lies twice, and what the slice rule leaves out", () => {
    const slices = [...stack(9), ...again(stack(2)), ...stack(3, { orientation: SAGITTAL })];
    expect(explained(slices)).toMatchObject({
      ...{ decision: "task", answers: 1, of: 14, excluded: { "wrong-plane": 3 } },
      stacks: [
        {
          ...{ outcome: "task", slices: 11, places: 9, order: "position", used: 4 },
          ...{ excluded: { "duplicate-place": 2 }, unselected: 5, rule: "the central 4" },
        },
      ],
    });
  });

  test("copies of the second side are counted at the second side", () => {
    const right = stack(5, { laterality: "R" }, 10);
    const slices = [...stack(4, { laterality: "L" }), ...right, ...again(right)];
    const { answers, excluded, stacks } = explained(slices);
    expect({ answers, excluded }).toEqual({ answers: 2, excluded: {} });
    expect(stacks).toMatchObject([
      { outcome: "task", slices: 4, used: 4, excluded: {}, unselected: 0 },
      { outcome: "task", slices: 10, used: 4, excluded: { "duplicate-place": 5 }, unselected: 1 },
    ]);
  });

  test("a side of too few slices is refused by itself", () => {
    const slices = [...stack(3, { laterality: "L" }), ...stack(2, { laterality: "R" }, 10)];
    expect(explained(slices)).toMatchObject({
      ...{ decision: "task", answers: 1, laterality: "L" },
      stacks: [
        { outcome: "task", used: 3 },
        { outcome: "too-few-slices", used: 0, unselected: 0 },
      ],
    });
  });

  test("stacks that were not chosen, and those that cannot be told apart", () => {
    const [short, long] = [10, 90].map((echoTime) => stack(5, { echoTime }));
    const echoes = [...(short ?? []), ...(long ?? [])];
    const selector = { ...MODEL.selector, sequence: { anyOf: [], whenMissing: "accept" as const } };
    expect(explained(echoes, { selector, stack: ["longest-echo"] }).stacks).toMatchObject([
      { outcome: "other-stack", used: 0 },
      { outcome: "task", used: 4 },
    ]);
    const undecided = explained([...echoes, ...stack(2, { echoTime: 20 })], { selector });
    expect(undecided.decision).toBe("ambiguous-stack");
    expect(undecided.stacks.map(({ outcome }) => outcome)).toEqual([
      "ambiguous-stack",
      "ambiguous-stack",
      "ambiguous-stack",
    ]);
  });

  test("a series that fits nowhere has no stack", () => {
    expect(explained(stack(5, { modality: "CT" }))).toMatchObject({
      ...{ decision: "wrong-modality", stacks: [], excluded: { "wrong-modality": 5 } },
    });
  });
});

test.each<[Taker["slices"], string]>([
  [{ kind: "all", max: 40 }, "all, at most 40"],
  [{ kind: "single" }, "the central one"],
  [{ kind: "spread", count: 8, from: 0.2, to: 0.8 }, "at most 8, from 20 % to 80 % of the extent"],
  [
    { kind: "window", count: 16, millimetres: 110, centre: 0.5 },
    "at most 16 within 110 mm around 50 % of the extent",
  ],
  [
    {
      ...{ kind: "window", count: 16, millimetres: 110, centre: 0.5 },
      byPlane: { axial: { millimetres: 105, centre: 1, offset: -72 } },
    },
    "at most 16 within 105 mm around 100 % of the extent − 72 mm",
  ],
])("the rule in words: %j", (slices, words) => {
  expect(explained(stack(5), { slices }).stacks).toMatchObject([{ rule: words }]);
});
