import { type InstanceFacts, type Selector, UNSTATED_FACTS } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { seriesFacts } from "../../src/plan/series-facts.ts";
import { checkSuitability } from "../../src/plan/suitability.ts";

const FACTS: InstanceFacts = {
  ...UNSTATED_FACTS,
  studyUid: "1.2",
  seriesUid: "1.2.3",
  sopInstanceUid: "1.2.3.4",
  sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
  transferSyntax: "1.2.840.10008.1.2.1",
  modality: "MR",
  bodyPart: "BRAIN",
  imageType: ["ORIGINAL", "PRIMARY"],
  rows: 256,
  columns: 256,
  photometricInterpretation: "MONOCHROME2",
  orientation: [1, 0, 0, 0, 1, 0],
  position: [0, 0, 0],
  pixelSpacing: [1, 1],
  plane: { name: "axial", obliquityDegrees: 3 },
};

const SELECTOR: Selector = {
  modality: ["MR"],
  bodyPart: { anyOf: ["BRAIN", "HEAD"], words: ["brain", "head"], whenMissing: "refuse" },
  plane: { anyOf: ["axial"], maxObliquityDegrees: 20, whenMissing: "refuse" },
  sequence: { anyOf: ["T1"], whenMissing: "accept" },
  minimumSlices: 3,
};

function outcome(
  changes: Partial<InstanceFacts>,
  selector: Partial<Selector> = {},
  slices = 5,
): string {
  const instances = Array.from({ length: slices }, () => ({ ...FACTS, ...changes }));
  const found = checkSuitability(seriesFacts(instances), {
    selector: { ...SELECTOR, ...selector },
  });
  return found.suitable ? "suitable" : found.code;
}

describe("each rule", () => {
  test.each<[string, Partial<InstanceFacts>, string]>([
    ["what the model wants", {}, "suitable"],
    ["our own output", { ownOutput: true }, "own-output"],
    ["a report", { hasPixelData: false, frames: 0 }, "no-image"],
    ["another modality", { modality: "CT" }, "wrong-modality"],
    ["no modality", { modality: null }, "wrong-modality"],
    ["a localiser", { localizer: true }, "localizer"],
    ["a derived image", { derived: true }, "derived-image"],
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
    ["a sagittal series", { plane: { name: "sagittal", obliquityDegrees: 2 } }, "wrong-plane"],
    ["a steep one", { plane: { name: "axial", obliquityDegrees: 21 } }, "oblique-plane"],
    ["no orientation", { plane: null }, "unknown-plane"],
    ["T2 by name", { seriesDescription: "T2 TSE" }, "wrong-sequence"],
    ["T1 by name", { seriesDescription: "ax T1w +C" }, "suitable"],
    ["T2 by timing", { echoTime: 100, repetitionTime: 4_000 }, "wrong-sequence"],
    ["T1 by timing", { echoTime: 10, repetitionTime: 500 }, "suitable"],
  ])("%s", (_name, changes, expected) => {
    expect(outcome(changes)).toBe(expected);
  });

  test("too few slices; frames of a multi-frame image count", () => {
    expect(outcome({}, {}, 2)).toBe("too-few-slices");
    expect(outcome({ frames: 3 }, {}, 1)).toBe("suitable");
  });

  test("what is missing is accepted where the package says so", () => {
    const bodyPart = { ...SELECTOR.bodyPart, whenMissing: "accept" as const };
    const plane = { ...SELECTOR.plane, whenMissing: "accept" as const };
    expect(outcome({ bodyPart: null, plane: null }, { bodyPart, plane })).toBe("suitable");
    expect(outcome({ bodyPart: null, seriesDescription: "knee" }, { bodyPart })).toBe(
      "wrong-body-part",
    );
    expect(outcome({}, { sequence: { anyOf: ["T1"], whenMissing: "refuse" } })).toBe(
      "unknown-sequence",
    );
  });
});

test("a derived image is taken where the package says so, a computed one never", () => {
  const accepts = { derived: "accept" as const };
  const reformatted = { derived: true, imageType: ["DERIVED", "SECONDARY"] };
  expect(outcome(reformatted, accepts)).toBe("suitable");
  expect(outcome({ derived: true, imageType: ["DERIVED", "PRIMARY", "ADC"] }, accepts)).toBe(
    "derived-image",
  );
  expect(outcome({ derived: true, sopClassUid: "1.2.840.10008.5.1.4.1.1.7" }, accepts)).toBe(
    "derived-image",
  );
});

test("the facts that led to a refusal identify nobody", () => {
  const instances = [{ ...FACTS, bodyPart: "KNEE", studyDescription: "Mrs Smith" }];
  const found = checkSuitability(seriesFacts(instances), { selector: SELECTOR });
  expect(found).toEqual({
    suitable: false,
    code: "wrong-body-part",
    facts: { bodyPart: "KNEE", wanted: ["BRAIN", "HEAD"] },
  });
});

test("one odd instance neither makes nor spoils a series", () => {
  const odd = { ...FACTS, derived: true, burnedInAnnotation: true, modality: "OT" };
  const instances = [FACTS, FACTS, FACTS, FACTS, odd];
  expect(checkSuitability(seriesFacts(instances), { selector: SELECTOR }).suitable).toBe(true);
});

test("an image posted by name needs nothing but having pixels", () => {
  const facts = { ...FACTS, modality: "OT", bodyPart: null, plane: null };
  expect(checkSuitability(seriesFacts([facts], "image"), { selector: SELECTOR }).suitable).toBe(
    true,
  );
});
