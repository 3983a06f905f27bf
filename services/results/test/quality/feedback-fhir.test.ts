import { fileURLToPath } from "node:url";
import { readManifest } from "@axial/inference/packages";
import { describe, expect, it } from "vitest";
import { seenInReport } from "../../src/quality/feedback-fhir.ts";

const BRAIN = await readManifest(
  fileURLToPath(new URL("../../../../models/brain-tumour-mobilenetv2/1.2.0", import.meta.url)),
);
const GLIOMA = "393564001";
const MENINGIOMA = "302820008";
const CORONAL = "81654009";

describe("a radiologist's report", () => {
  const seen = (...codes: string[]) =>
    seenInReport(
      {
        resourceType: "DiagnosticReport",
        subject: { identifier: { value: " 4711 " } },
        imagingStudy: [{ identifier: { system: "urn:dicom:uid", value: "urn:oid:1.2.3" } }],
        conclusionCode: codes.map((code) => ({
          coding: [{ system: "http://snomed.info/sct", code }],
        })),
      },
      [BRAIN],
    );
  const label = (predicted: string, ...codes: string[]) =>
    seen(...codes).labelFor({ id: "1", model: BRAIN.id, version: BRAIN.version, predicted });

  it("names its study and its patient", () => {
    expect(seen(GLIOMA)).toMatchObject({ studyUid: "1.2.3", patientId: "4711" });
  });

  it("confirms and contradicts a tumour in the plane that the model answered", () => {
    expect(label("glioma-coronal", GLIOMA)).toBe("glioma-coronal");
    expect(label("meningioma-sagittal", GLIOMA)).toBe("glioma-sagittal");
    expect(label("none-transverse", MENINGIOMA)).toBe("meningioma-transverse");
  });

  it("takes the plane from the report where a code names it", () => {
    expect(label("glioma-sagittal", GLIOMA, CORONAL)).toBe("glioma-coronal");
  });

  it("names the tumour alone where the model left all open", () => {
    expect(label("indeterminate", GLIOMA)).toBe("glioma");
  });

  it("says nothing of unknown codes, of the plane alone, of two tumours and of other models", () => {
    expect(label("glioma-coronal", "1")).toBeNull();
    expect(label("glioma-coronal", CORONAL)).toBeNull();
    expect(label("glioma-coronal", GLIOMA, MENINGIOMA)).toBeNull();
    const other = { id: "1", model: BRAIN.id, version: "9.9.9", predicted: "glioma-coronal" };
    expect(seen(GLIOMA).labelFor(other)).toBeNull();
  });
});
