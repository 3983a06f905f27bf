import type { Distribution, ModelPackage } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../src/render/report/codes.ts";

const GLIOMA = { scheme: "SCT", value: "393564001", meaning: "Glioma" };

const model = {
  heads: [
    {
      name: "tumour-plane",
      labels: [
        { id: "glioma-coronal", display: "Glioma, coronal plane", code: GLIOMA },
        { id: "glioma-sagittal", display: "Glioma, sagittal plane", code: GLIOMA },
      ],
      marginals: [
        { name: "tumour", labels: [{ id: "glioma", display: "Glioma", code: GLIOMA, of: [] }] },
      ],
    },
  ],
} as unknown as ModelPackage;

const distribution = (name: string, label: string): Distribution => ({
  name,
  kind: "head",
  label,
  display: "As the worker said",
  probability: 1,
  probabilities: { [label]: 1 },
});

describe("codeOf", () => {
  it("is the package's code where it says all that the label says", () => {
    expect(codeOf("glioma", distribution("tumour", "glioma"), model)).toEqual(GLIOMA);
  });

  it("is our own where several labels share the package's code", () => {
    const shared = distribution("tumour-plane", "glioma-coronal");
    expect(codeOf("glioma-coronal", shared, model)).toEqual({
      scheme: "99AXIAL",
      value: "glioma-coronal",
      meaning: "Glioma, coronal plane",
    });
  });

  it("is our own, in the worker's words, where the package is not installed", () => {
    const unknown = distribution("tumour", "glioma");
    expect(codeOf("glioma", unknown, undefined).meaning).toBe("As the worker said");
  });
});
