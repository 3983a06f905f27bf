import type { InstanceFacts, ModelPackage, Selector } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { decideInputs, type InputDecision } from "../../src/plan/decide-input.ts";
import { seriesFacts } from "../../src/plan/series-facts.ts";
import { FACTS, MODEL, SELECTOR, stack, type Taker } from "./slices.ts";

function decide(instances: readonly InstanceFacts[], changes: Partial<Taker> = {}) {
  return only(decideInputs(seriesFacts(instances), { ...MODEL, ...changes }));
}

function only(decisions: readonly InputDecision[]): InputDecision {
  const [decision] = decisions;
  if (decision === undefined || decisions.length > 1) throw new Error("one decision was expected");
  return decision;
}

/** How a decision came out, in one word. */
const wordOf = (decision: InputDecision) =>
  decision.status === "taken" ? "suitable" : decision.code;

function outcomeOf(
  changes: Partial<InstanceFacts>,
  selector: Partial<Selector> = {},
  slices = 5,
): string {
  return wordOf(decide(stack(slices, changes), { selector: { ...SELECTOR, ...selector } }));
}

describe("each rule", () => {
  test.each<[string, Partial<InstanceFacts>, string]>([
    ["what the model wants", {}, "suitable"],
    ["our own output", { ownOutput: true }, "own-output"],
    ["a report", { hasPixelData: false, frames: 0 }, "no-image"],
    ["another modality", { modality: "CT" }, "wrong-modality"],
    ["no modality", { modality: null }, "wrong-modality"],
    ["a localiser", { imageType: ["ORIGINAL", "PRIMARY", "LOCALIZER"] }, "localizer"],
    ["a derived image", { imageType: ["DERIVED", "PRIMARY"] }, "derived-image"],
    ["burned-in text", { burnedInAnnotation: true }, "burned-in-annotation"],
    ["a knee", { bodyPart: "KNEE" }, "wrong-body-part"],
    ["a written variant", { bodyPart: "Head" }, "suitable"],
    ["a described part", { bodyPart: "MR BRAIN W/O" }, "suitable"],
    ["no tag, but words", { bodyPart: null, protocolName: "t1_BRAIN_ax" }, "suitable"],
    [
      "no tag, a German word",
      { bodyPart: null, studyDescription: "MRT Knie li." },
      "wrong-body-part",
    ],
    ["no tag, no word", { bodyPart: null }, "unknown-body-part"],
    ["part of a word", { bodyPart: null, protocolName: "forehead" }, "unknown-body-part"],
    ["a sagittal series", { orientation: [0, 1, 0, 0, 0, -1] }, "wrong-plane"],
    ["a steep one", { orientation: [1, 0, 0, 0, Math.cos(0.4), Math.sin(0.4)] }, "oblique-plane"],
    ["no orientation", { orientation: null }, "unknown-plane"],
    ["T2 by name", { seriesDescription: "T2 TSE" }, "wrong-sequence"],
    ["T1 by name", { seriesDescription: "ax T1w +C" }, "suitable"],
    ["T2 by timing", { echoTime: 100, repetitionTime: 4_000 }, "wrong-sequence"],
    ["T1 by timing", { echoTime: 10, repetitionTime: 500 }, "suitable"],
  ])("%s", (_name, changes, expected) => {
    expect(outcomeOf(changes)).toBe(expected);
  });

  test("too few slices; frames of a multi-frame image count", () => {
    expect(outcomeOf({}, {}, 2)).toBe("too-few-slices");
    expect(outcomeOf({ frames: 3 }, {}, 1)).toBe("suitable");
  });

  test("what is missing is accepted where the package says so", () => {
    const bodyPart = { ...SELECTOR.bodyPart, whenMissing: "accept" as const };
    const plane = { ...SELECTOR.plane, whenMissing: "accept" as const };
    expect(outcomeOf({ bodyPart: null, orientation: null }, { bodyPart, plane })).toBe("suitable");
    expect(outcomeOf({ bodyPart: null, seriesDescription: "knee" }, { bodyPart })).toBe(
      "wrong-body-part",
    );
    expect(outcomeOf({}, { sequence: { anyOf: ["T1"], whenMissing: "refuse" } })).toBe(
      "unknown-sequence",
    );
  });
});

test("a derived image is taken where the package says so, a computed one never", () => {
  const accepts = { derived: "accept" as const };
  const reformatted = { imageType: ["DERIVED", "SECONDARY"] };
  expect(outcomeOf(reformatted, accepts)).toBe("suitable");
  expect(outcomeOf({ imageType: ["DERIVED", "PRIMARY", "ADC"] }, accepts)).toBe("derived-image");
  expect(outcomeOf({ ...reformatted, sopClassUid: "1.2.840.10008.5.1.4.1.1.7" }, accepts)).toBe(
    "derived-image",
  );
});

test("the facts that led to a refusal identify nobody", () => {
  const found = decide(stack(5, { bodyPart: "KNEE", studyDescription: "Mrs Smith" }));
  expect(found).toMatchObject({
    status: "refused",
    code: "wrong-body-part",
    facts: { bodyPart: "KNEE", wanted: ["BRAIN", "HEAD"] },
  });
  expect(JSON.stringify(found.status === "refused" && found.facts)).not.toContain("Smith");
});

test("an image posted by name is judged by nothing but having pixels", () => {
  const facts = { ...FACTS, modality: "OT", bodyPart: null, orientation: null, plane: null };
  expect(wordOf(only(decideInputs(seriesFacts([facts], "image"), MODEL)))).toBe("suitable");
});

const SAGITTAL = [0, 1, 0, 0, 0, -1];

/** What was taken: heights of the slices that are seen, and the selection. */
function taken(decision: InputDecision) {
  if (decision.status !== "taken") throw new Error(decision.code);
  const { slices, selection } = decision;
  const { stack: chosen, excluded, laterality } = selection;
  return { heights: slices.map(({ position }) => position?.[2]), ...chosen, excluded, laterality };
}

describe("every slice speaks for itself", () => {
  test("a localizer and a screenshot among slices are left out and counted", () => {
    const scout = stack(1, { orientation: SAGITTAL, imageType: ["ORIGINAL", "PRIMARY", "SCOUT"] });
    const odd = stack(2, { modality: "OT" }, 50);
    expect(taken(decide([...stack(6), ...scout, ...odd]))).toMatchObject({
      places: 6,
      excluded: { localizer: 1, "wrong-modality": 2 },
      order: "position",
      plane: "axial",
      spacing: 3,
    });
  });

  test("slices of a plane that the model does not want are no input", () => {
    const decision = taken(decide([...stack(9, { orientation: SAGITTAL }), ...stack(11)]));
    expect(decision).toMatchObject({ places: 11, excluded: { "wrong-plane": 9 } });
  });

  test("a series of which too little is left is refused with what was left out", () => {
    const decision = decide([...stack(9, { orientation: SAGITTAL }), ...stack(2)]);
    expect(decision).toMatchObject({
      code: "too-few-slices",
      facts: { slices: 2, minimumSlices: 3, excluded: ["wrong-plane: 9"] },
    });
    const nothing = decide([
      ...stack(9, { orientation: SAGITTAL }),
      ...stack(2, { imageType: ["ORIGINAL", "PRIMARY", "LOCALIZER"] }),
    ]);
    expect(nothing).toMatchObject({
      code: "wrong-plane",
      facts: { plane: "sagittal", excluded: ["wrong-plane: 9", "localizer: 2"] },
    });
  });

  test("image types that the package wants, and those that it does not", () => {
    const phase = stack(4, { imageType: ["ORIGINAL", "PRIMARY", "P"] }, 10);
    const rule = (anyOf: string[], noneOf: string[]) => ({
      selector: { ...SELECTOR, imageType: { anyOf, noneOf } },
    });
    const excluded = { "wrong-image-type": 4 };
    expect(taken(decide([...stack(5), ...phase], rule([], ["P"])))).toMatchObject({ excluded });
    const magnitude = stack(5, { imageType: ["ORIGINAL", "PRIMARY", "M"] });
    expect(taken(decide([...magnitude, ...phase], rule(["M"], [])))).toMatchObject({ excluded });
  });

  test("an orientation that nothing says is refused where the package wants one", () => {
    const bare = stack(5, { orientation: null });
    const plane = { anyOf: [], maxObliquityDegrees: 30, whenMissing: "accept" as const };
    const selector = { ...SELECTOR, plane };
    const preprocessing = { ...MODEL.preprocessing, withoutGeometry: "refuse" as const };
    expect(wordOf(decide(bare, { selector }))).toBe("suitable");
    expect(wordOf(decide(bare, { selector, preprocessing }))).toBe("unknown-orientation");
    const said = stack(5, { orientation: null, patientOrientation: ["L", "F"] });
    expect(wordOf(decide(said, { selector, preprocessing }))).toBe("suitable");
  });
});

describe("a package that wants most of the series", () => {
  const selector = { ...SELECTOR, minimumShare: 0.5 };

  test("refuses what is left of it when most does not fit", () => {
    const series = [...stack(9, { orientation: SAGITTAL }), ...stack(8)];
    expect(decide(series, { selector })).toMatchObject({
      code: "too-few-slices",
      facts: { slices: 8, of: 17, minimumShare: 0.5, excluded: ["wrong-plane: 9"] },
    });
    expect(wordOf(decide(series.slice(1), { selector }))).toBe("suitable");
  });

  test("does not count images of another kind, copies or other stacks", () => {
    const phases = stack(12, { imageType: ["ORIGINAL", "PRIMARY", "P"] }, 20);
    const copies = stack(4).map((facts) => ({
      ...facts,
      sopInstanceUid: `${facts.sopInstanceUid}.9`,
    }));
    const times = [2, 3, 4].flatMap((temporalPosition) => stack(4, { temporalPosition }));
    const imageType = { anyOf: [], noneOf: ["P"] };
    const series = [...stack(4, { temporalPosition: 1 }), ...copies, ...times, ...phases];
    const model = { selector: { ...selector, imageType }, stack: ["first-time" as const] };
    expect(
      wordOf(
        decide(
          series.filter((facts) => !copies.includes(facts)),
          model,
        ),
      ),
    ).toBe("suitable");
    expect(wordOf(decide([...stack(4), ...copies, ...phases], model))).toBe("suitable");
  });
});

describe("one stack of several", () => {
  const echoes = [...stack(5, { echoTime: 10 }), ...stack(5, { echoTime: 90 })];

  test("is not guessed", () => {
    expect(decide(echoes)).toMatchObject({
      code: "ambiguous-stack",
      facts: { stacks: ["axial, echo 10 ms, 5 places", "axial, echo 90 ms, 5 places"] },
    });
  });

  test.each<[Partial<ModelPackage>, number]>([
    [{ stack: ["shortest-echo"] }, 10],
    [{ stack: ["longest-echo"] }, 90],
    [{ stack: ["lowest-b-value", "longest-echo", "dominant"] }, 90],
  ])("%o is the package's choice", (choice, echo) => {
    const selector = { ...SELECTOR, sequence: { anyOf: [], whenMissing: "accept" as const } };
    const decision = decide(echoes, { ...choice, selector });
    if (decision.status !== "taken") throw new Error(decision.code);
    expect(decision.slices.every(({ echoTime }) => echoTime === echo)).toBe(true);
    expect(decision.selection.excluded).toEqual({ "other-stack": 5 });
  });

  test.each<[ModelPackage["stack"], Partial<InstanceFacts>]>([
    [["lowest-b-value"], { diffusionBValue: 0 }],
    [["highest-b-value"], { diffusionBValue: 1000 }],
    [["first-time"], { temporalPosition: 1 }],
    [["last-time"], { temporalPosition: 4 }],
  ])("%o", (choices, wanted) => {
    const name = Object.keys(wanted)[0] as "diffusionBValue" | "temporalPosition";
    const values = name === "diffusionBValue" ? [0, 500, 1000] : [1, 3, 4];
    const series = values.flatMap((value) => stack(4, { [name]: value }));
    const decision = decide(series, { stack: choices ?? [] });
    if (decision.status !== "taken") throw new Error(decision.code);
    expect(decision.slices[0]?.[name]).toBe(wanted[name]);
  });

  test("a few slices beside a whole stack are left out", () => {
    const angled = stack(2, { orientation: [1, 0, 0, 0, Math.cos(0.2), Math.sin(0.2)] });
    expect(taken(decide([...stack(5), ...angled]))).toMatchObject({
      places: 5,
      excluded: { "other-stack": 2 },
    });
  });

  test("left and right knee are two, with an answer each", () => {
    const sides = [...stack(4, { laterality: "L" }), ...stack(5, { laterality: "R" }, 10)];
    const decisions = decideInputs(seriesFacts(sides), MODEL).map(taken);
    expect(decisions).toMatchObject([
      { laterality: "L", places: 4, excluded: {} },
      { laterality: "R", places: 5, excluded: {} },
    ]);
    expect(taken(decide(stack(4, { laterality: "L" })))).toMatchObject({ laterality: "L" });
  });

  test("a side twice, or one that is not said, is still not guessed", () => {
    const echoes = [10, 90].flatMap((echoTime) => stack(4, { laterality: "L", echoTime }));
    expect(wordOf(decide([...echoes, ...stack(4, { laterality: "R" })]))).toBe("ambiguous-stack");
    const unsaid = [...stack(4, { laterality: "L" }), ...stack(4, { laterality: null }, 20)];
    expect(wordOf(decide(unsaid))).toBe("ambiguous-stack");
  });
});

describe("a model that answers for each image", () => {
  const film = { orientation: null, position: null, plane: null };
  const plane = { anyOf: [], maxObliquityDegrees: 30, whenMissing: "accept" as const };
  const model: Taker = {
    ...MODEL,
    slices: { kind: "single" },
    answerFor: "image",
    selector: { ...SELECTOR, plane, minimumSlices: 1 },
  };
  const films = (...sides: (string | null)[]) =>
    sides.map((laterality, index) => ({
      ...FACTS,
      ...film,
      laterality,
      sopInstanceUid: `1.2.3.${index}`,
      instanceNumber: sides.length - index,
      pixelChecksum: index,
    }));
  const answers = (instances: readonly InstanceFacts[]) =>
    decideInputs(seriesFacts(instances), model).map((decision) => {
      const { laterality, excluded } = taken(decision);
      const uids = decision.status === "taken" ? decision.slices : [];
      return [laterality, uids.map(({ instance }) => instance.sopInstanceUid).join(), excluded];
    });

  test("gives films of both knees an answer each, in the order of their numbers", () => {
    expect(answers(films("R", "L"))).toEqual([
      ["L", "1.2.3.1", {}],
      ["R", "1.2.3.0", {}],
    ]);
    expect(answers(films("R", null, "R"))).toHaveLength(3);
  });

  test("counts a film that was exported twice once, and what does not fit not at all", () => {
    const [left, right] = films("L", "R");
    if (left === undefined || right === undefined) throw new Error("two films");
    const again = { ...right, sopInstanceUid: "1.2.3.9" };
    const foot = { ...left, sopInstanceUid: "1.2.3.8", pixelChecksum: 7, bodyPart: "FOOT" };
    const excluded = { "duplicate-place": 1, "wrong-body-part": 1 };
    expect(answers([left, right, again, foot])).toEqual([
      ["R", "1.2.3.1", excluded],
      ["L", "1.2.3.0", excluded],
    ]);
  });

  test("is bounded", () => {
    const many = films(...Array.from({ length: 65 }, () => "L"));
    const decision = only(decideInputs(seriesFacts(many), model));
    expect(wordOf(decision)).toBe("ambiguous-stack");
  });
});

describe("places are counted, not instances", () => {
  test("a series that was exported twice is seen as if it had been once", () => {
    const once = stack(9);
    const again = once.map((facts) => ({ ...facts, sopInstanceUid: `${facts.sopInstanceUid}.9` }));
    const decision = taken(decide([...again, ...once]));
    expect(decision.heights).toEqual(taken(decide(once)).heights);
    expect(decision).toMatchObject({ places: 9, excluded: { "duplicate-place": 9 } });
    expect(wordOf(decide([...stack(2), ...stack(2)]))).toBe("too-few-slices");
  });

  test("a slice that was acquired again takes the place of the first", () => {
    const again = stack(1, { instanceNumber: 9, pixelChecksum: 99 }, 2);
    const decision = decide([...stack(5), ...again], { slices: { kind: "all", max: 9 } });
    if (decision.status !== "taken") throw new Error(decision.code);
    expect(decision.slices.map(({ instance }) => instance.instanceNumber)).toEqual([1, 2, 9, 4, 5]);
    expect(decision.selection.excluded).toEqual({ "repeated-place": 1 });
  });
});

describe("no order, no guess", () => {
  const plane = { anyOf: [], maxObliquityDegrees: 30, whenMissing: "accept" as const };
  const selector = { ...SELECTOR, plane };
  const unordered = stack(9, { orientation: null, position: null, instanceNumber: null });

  test("a series that nothing orders is refused where a part of it is wanted", () => {
    expect(wordOf(decide(unordered, { selector }))).toBe("undefined-slice-order");
    const slices = { kind: "window", count: 3, millimetres: 9, centre: 0.5 } as const;
    expect(wordOf(decide(unordered, { selector, slices }))).toBe("undefined-slice-order");
    const equal = stack(9, { orientation: null, position: null, instanceNumber: 1 });
    expect(wordOf(decide(equal, { selector }))).toBe("undefined-slice-order");
  });

  test("and taken where all of it is, unless the graph sees it in order", () => {
    const all = { selector, slices: { kind: "all", max: 20 } } as const;
    expect(taken(decide(unordered, all))).toMatchObject({ order: "none", places: 9 });
    expect(wordOf(decide(unordered, { ...all, aggregation: { kind: "in-graph" } }))).toBe(
      "undefined-slice-order",
    );
  });

  test("numbers order it, but millimetres want distances", () => {
    const numbered = stack(9, { orientation: null, position: null });
    const slices = { kind: "window", count: 3, millimetres: 9, centre: 0.5 } as const;
    expect(taken(decide(numbered, { selector }))).toMatchObject({ order: "instance-number" });
    expect(wordOf(decide(numbered, { selector, slices }))).toBe("unknown-spacing");
    const thick = stack(9, { orientation: null, position: null, sliceSpacing: 4 });
    expect(taken(decide(thick, { selector, slices }))).toMatchObject({ spacing: 4 });
  });
});

test("an enhanced instance is judged frame by frame", () => {
  const columns = {
    orientation: [FACTS.orientation, FACTS.orientation, SAGITTAL, FACTS.orientation],
    position: [0, 3, 0, 6].map((z) => [0, 0, z]),
  };
  const decision = decide([{ ...FACTS, frames: 4, perFrame: columns }]);
  if (decision.status !== "taken") throw new Error(decision.code);
  expect(decision.slices.map(({ frame }) => frame)).toEqual([0, 1, 3]);
  expect(decision.selection).toMatchObject({ excluded: { "wrong-plane": 1 } });
});
