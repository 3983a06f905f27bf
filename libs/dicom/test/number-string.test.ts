import { expect, test } from "vitest";
import { writePart10 } from "../fixtures/index.ts";
import { numberOfString, readInstance, Tag, toDicomJson } from "../src/index.ts";

test.each([
  ["12", 12],
  ["+0.5", 0.5],
  [".5", 0.5],
  ["5.", 5],
  ["-1.5E-3", -0.0015],
])("%s is a number", (text, number) => {
  expect(numberOfString(text)).toBe(number);
});

test.each(["", "0x10", "0b1", "1_000", "Infinity", "NaN", "1,5", "1 2", "--1", "1e", "."])(
  "%s is not a number",
  (text) => {
    expect(numberOfString(text)).toBeNaN();
  },
);

test("text that is not a number stays text, or counts as absent where a number is needed", () => {
  const instance = readInstance(
    writePart10({
      elements: {
        SOPInstanceUID: "2.25.1",
        InstanceNumber: "0x10",
        SeriesNumber: "1.5",
        PixelSpacing: ["0.5", "0x1"],
      },
    }),
  );
  const json = toDicomJson(instance, { bulkDataUri: (tag) => tag });
  expect(json["00200013"]).toEqual({ vr: "IS", Value: ["0x10"] });
  expect(json["00200011"]).toEqual({ vr: "IS", Value: ["1.5"] });
  expect(json["00280030"]).toEqual({ vr: "DS", Value: [0.5, "0x1"] });
  expect(instance.dataset.int(Tag.InstanceNumber)).toBe(null);
});

test("numbers that JSON does not have are strings (PS3.18 F.2.3.1)", () => {
  const values = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1);
  const instance = readInstance(
    writePart10({
      elements: { SOPInstanceUID: "2.25.1", "00189087": { vr: "FD", value: values } },
    }),
  );
  const json = toDicomJson(instance, { bulkDataUri: (tag) => tag });
  expect(json["00189087"]).toEqual({ vr: "FD", Value: ["NaN", "inf", "-inf", 1] });
});
