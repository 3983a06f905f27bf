import { type InstanceFacts, type Selector, UNSTATED_FACTS } from "@axial/contracts";
import { planeOf } from "@axial/dicom";
import type { decideInputs } from "../../src/plan/decide-input.ts";

export const FACTS: InstanceFacts = {
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

export const SELECTOR: Selector = {
  modality: ["MR"],
  bodyPart: { anyOf: ["BRAIN", "HEAD"], words: ["brain", "head"], whenMissing: "refuse" },
  plane: { anyOf: ["axial"], maxObliquityDegrees: 20, whenMissing: "refuse" },
  sequence: { anyOf: ["T1"], whenMissing: "accept" },
  minimumSlices: 3,
};

export type Taker = Parameters<typeof decideInputs>[1];

/** Axial brain slices, T1 where something says so. */
export const MODEL: Taker = {
  selector: SELECTOR,
  slices: { kind: "central", count: 4 },
  aggregation: { kind: "mean" },
  preprocessing: {
    intensity: { kind: "full-range" },
    invertMonochrome1: true,
    resize: { policy: "letterbox", filter: "triangle" },
    channels: "grey",
  },
};

/** `count` slices, 3 mm apart unless `changes` says otherwise. */
export function stack(
  count: number,
  changes: Partial<InstanceFacts> = {},
  from = 0,
): InstanceFacts[] {
  return Array.from({ length: count }, (_, index) => {
    const facts = { ...FACTS, position: [0, 0, 3 * (from + index)], ...changes };
    const plane = facts.orientation && planeOf(facts.orientation);
    return {
      ...facts,
      plane: changes.plane === undefined ? plane : changes.plane,
      sopInstanceUid: `1.2.3.${from + index}${changes.sopInstanceUid ?? ""}`,
      instanceNumber: "instanceNumber" in changes ? (changes.instanceNumber ?? null) : index + 1,
      pixelChecksum: changes.pixelChecksum ?? from + index,
    };
  });
}
