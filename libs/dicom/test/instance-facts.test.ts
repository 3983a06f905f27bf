import { OWN_MANUFACTURER } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { type DataSetElements, writePart10 } from "../fixtures/index.ts";
import { instanceFacts, orderSlices, planeOf, readInstance, sliceOrder } from "../src/index.ts";

const identifiers = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "2.25.3",
  StudyInstanceUID: "2.25.1",
  SeriesInstanceUID: "2.25.2",
};

function facts(elements: DataSetElements) {
  return instanceFacts(readInstance(writePart10({ elements: { ...identifiers, ...elements } })));
}

const axial = { ImageOrientationPatient: [1, 0, 0, 0, 1, 0] };

describe("instanceFacts", () => {
  test("reads what planning needs", () => {
    const found = facts({
      ...axial,
      Modality: "MR",
      BodyPartExamined: "BRAIN",
      ImageType: ["ORIGINAL", "PRIMARY", "LOCALIZER"],
      ImagePositionPatient: [0, 0, 7.5],
      PixelSpacing: [0.5, 0.25],
      BurnedInAnnotation: "YES",
      EchoTime: 90,
      InstanceNumber: 4,
      PixelData: new Uint8Array(2),
    });
    expect(found).toMatchObject({
      modality: "MR",
      bodyPart: "BRAIN",
      localizer: true,
      derived: false,
      burnedInAnnotation: true,
      position: [0, 0, 7.5],
      pixelSpacing: [0.5, 0.25],
      plane: { name: "axial", obliquityDegrees: 0 },
      echoTime: 90,
      instanceNumber: 4,
      frames: 1,
      ownOutput: false,
    });
  });

  test("missing tags are null, not guesses", () => {
    expect(facts({})).toMatchObject({
      modality: null,
      bodyPart: null,
      orientation: null,
      plane: null,
      burnedInAnnotation: null,
      hasPixelData: false,
      frames: 0,
    });
  });

  test("positions of the frames of an enhanced image", () => {
    const position = (z: number) => ({
      PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
    });
    const found = facts({
      NumberOfFrames: 2,
      SharedFunctionalGroupsSequence: [{ PlaneOrientationSequence: [axial] }],
      PerFrameFunctionalGroupsSequence: [position(3), position(-1)],
      PixelData: new Uint8Array(2),
    });
    expect(found.framePositions).toEqual([3, -1]);
    expect(found.plane?.name).toBe("axial");
  });

  test.each(["StudyInstanceUID", "SeriesInstanceUID"])("%s must be a UID", (name) => {
    for (const value of ["", "../etc/passwd", "1.2.", "1".repeat(65)]) {
      expect(() => facts({ [name]: value })).toThrowError(
        expect.objectContaining({ code: "missing-identifiers" }),
      );
    }
  });

  test("knows Axial's own output", () => {
    expect(facts({ Manufacturer: OWN_MANUFACTURER }).ownOutput).toBe(true);
  });
});

describe("planeOf", () => {
  test.each([
    ["axial", [1, 0, 0, 0, 1, 0], 0],
    ["coronal", [1, 0, 0, 0, 0, -1], 0],
    ["sagittal", [0, 1, 0, 0, 0, -1], 0],
    ["axial", [1, 0, 0, 0, Math.cos(0.5), Math.sin(0.5)], (0.5 * 180) / Math.PI],
  ])("%s", (name, orientation, degrees) => {
    const plane = planeOf(orientation);
    expect(plane?.name).toBe(name);
    expect(plane?.obliquityDegrees).toBeCloseTo(degrees, 6);
  });

  test("what is no orientation has no plane", () => {
    expect(planeOf([0, 0, 0, 0, 0, 0])).toBeNull();
    expect(planeOf([1, 0, 0])).toBeNull();
  });
});

describe("sliceOrder", () => {
  const slice = (z: number, number: number) =>
    facts({ ...axial, ImagePositionPatient: [0, 0, z], InstanceNumber: number });

  test("orders by position, not by number", () => {
    const series = [slice(10, 1), slice(-5, 2), slice(0, 3), slice(5, 4)];
    expect(orderSlices(series).map(({ position }) => position?.[2])).toEqual([-5, 0, 5, 10]);
    expect(sliceOrder(series)).toMatchObject({ by: "position", spacing: 5, gaps: 0 });
  });

  test("sees duplicates and gaps", () => {
    const series = [slice(0, 1), slice(5, 2), slice(5, 3), slice(10, 4), slice(30, 5)];
    expect(sliceOrder(series)).toMatchObject({ duplicates: [2], gaps: 1 });
  });

  test("falls back to the number when a position is missing", () => {
    const series = [slice(0, 2), facts({ ...axial, InstanceNumber: 1 })];
    expect(sliceOrder(series)).toMatchObject({ by: "instance-number", order: [1, 0] });
  });
});
