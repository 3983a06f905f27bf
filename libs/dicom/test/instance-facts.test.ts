import { OWN_MANUFACTURER } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { type DataSetElements, writePart10 } from "../fixtures/index.ts";
import { instanceFacts, planeOf, readInstance, slicesOf } from "../src/index.ts";

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

  test("each frame of an enhanced image speaks for itself", () => {
    const group = (z: number, echo: number, more: DataSetElements = {}) => ({
      PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
      PlaneOrientationSequence: [z < 0 ? { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] } : axial],
      MREchoSequence: [{ EffectiveEchoTime: echo }],
      ...more,
    });
    const found = facts({
      NumberOfFrames: 3,
      ImageType: ["ORIGINAL", "PRIMARY", "M"],
      SharedFunctionalGroupsSequence: [{ MRTimingAndRelatedParametersSequence: [] }],
      PerFrameFunctionalGroupsSequence: [
        group(3, 10),
        group(6, 90, { FrameContentSequence: [{ TemporalPositionIndex: 2 }] }),
        group(-1, 10, {
          MRImageFrameTypeSequence: [{ FrameType: ["ORIGINAL", "PRIMARY", "LOCALIZER"] }],
          MRDiffusionSequence: [{ DiffusionBValue: 1000 }],
          FrameAnatomySequence: [{ FrameLaterality: "L" }],
        }),
      ],
      PixelData: new Uint8Array(2),
    });
    expect(slicesOf(found)).toMatchObject([
      { plane: { name: "axial" }, position: [0, 0, 3], echoTime: 10, localizer: false },
      { plane: { name: "axial" }, position: [0, 0, 6], echoTime: 90, temporalPosition: 2 },
      {
        plane: { name: "sagittal" },
        localizer: true,
        diffusionBValue: 1000,
        laterality: "L",
        temporalPosition: null,
      },
    ]);
  });

  test("what the frames share is written once", () => {
    const found = facts({
      NumberOfFrames: 2,
      SharedFunctionalGroupsSequence: [{ PlaneOrientationSequence: [axial] }],
      PerFrameFunctionalGroupsSequence: [3, -1].map((z) => ({
        PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
      })),
      PixelData: new Uint8Array(2),
    });
    expect(Object.keys(found.perFrame ?? {})).toEqual(["position"]);
    expect(found.plane?.name).toBe("axial");
  });

  test("the same pixels have the same checksum, whatever they are named", () => {
    const of = (name: string, level: number) =>
      facts({ SOPInstanceUID: name, PixelData: new Uint8Array([level, 2]) }).pixelChecksum;
    expect(of("2.25.8", 1)).toBe(of("2.25.9", 1));
    expect(of("2.25.8", 1)).not.toBe(of("2.25.8", 7));
    expect(facts({}).pixelChecksum).toBeUndefined();
  });

  test("the side, and how radiographs lie", () => {
    const found = facts({
      ImageLaterality: "R",
      ViewPosition: "AP",
      PatientOrientation: ["L", "F"],
      PixelData: new Uint8Array(2),
    });
    expect(found).toMatchObject({ laterality: "R", viewPosition: "AP" });
    expect(slicesOf(found)[0]?.directions).toEqual({ row: [1, 0, 0], column: [0, 0, -1] });
    const nonsense = facts({ PatientOrientation: ["L", "R"], PixelData: new Uint8Array(2) });
    expect(slicesOf(nonsense)[0]?.directions).toBeNull();
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

  test("an invalid orientation has no plane", () => {
    expect(planeOf([0, 0, 0, 0, 0, 0])).toBeNull();
    expect(planeOf([1, 0, 0])).toBeNull();
  });
});
