import type { InstanceFacts } from "@axial/contracts";
import { readManifest } from "@axial/inference";
import { committedPackage } from "@axial/testkit";
import { expect, test } from "vitest";
import { decideInputs } from "../../src/plan/decide-input.ts";
import { seriesFacts } from "../../src/plan/series-facts.ts";
import { FACTS, stack } from "./slices.ts";

const SAGITTAL = { orientation: [0, 1, 0, 0, 0, -1] };
const CORONAL = { orientation: [1, 0, 0, 0, 0, -1] };
const LOCALIZER = { imageType: ["ORIGINAL", "PRIMARY", "LOCALIZER"] };
const PHASE = { imageType: ["ORIGINAL", "PRIMARY", "P"] };

async function decision(id: string, instances: readonly InstanceFacts[]) {
  const [first] = decideInputs(seriesFacts(instances), await readManifest(committedPackage(id)));
  return first?.status === "taken" ? first.slices.length : first?.code;
}

/** Sagittal slices of a knee, side by side. */
const knee = (count: number, changes: Partial<InstanceFacts> = {}) =>
  stack(count, { ...SAGITTAL, bodyPart: "KNEE", ...changes }).map((facts, index) => ({
    ...facts,
    position: [3 * index, 0, 0],
  }));

test("the model of whole knees is not answered for by a few slices", async () => {
  const other = knee(19, CORONAL);
  expect(await decision("knee-acl-mrnet", knee(9))).toBe("too-few-slices");
  expect(await decision("knee-acl-mrnet", [...other, ...knee(1)])).toBe("too-few-slices");
  expect(await decision("knee-acl-mrnet", [...other, ...knee(12)])).toBe("too-few-slices");
  expect(await decision("knee-acl-mrnet", knee(10))).toBe(10);
});

test.each(["brain-tumour-mobilenetv2", "brain-tumour-baseline", "brain-tumour-inceptionv3"])(
  "%s answers for a single slice, not for one that is left of a series",
  async (id) => {
    expect(await decision(id, [FACTS])).toBe(1);
    expect(await decision(id, [...stack(3, LOCALIZER), FACTS])).toBe("too-few-slices");
    expect(await decision(id, [...stack(1, LOCALIZER), FACTS])).toBe(1);
    expect(await decision(id, [...stack(40, PHASE), FACTS])).toBe(1);
  },
);

test("a film answers for itself, whatever lies beside it", async () => {
  const film = { ...FACTS, modality: "DX", bodyPart: "KNEE", orientation: null, plane: null };
  const feet = ["1", "2", "3"].map((sopInstanceUid) => ({
    ...film,
    sopInstanceUid,
    bodyPart: "FOOT",
  }));
  expect(await decision("knee-oa-kl-cnn", [...feet, film])).toBe(1);
});
