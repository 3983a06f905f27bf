import { describe, expect, it } from "vitest";
import { renderFhir } from "../../src/render/fhir/render-fhir.ts";
import { refusedReport, sampleReport } from "../support/report.ts";

type Resource = { resourceType: string; [name: string]: unknown };

function resources(report = sampleReport()): Resource[] {
  const bundle = renderFhir({ report, series: [], instances: [], base: "http://axial" });
  return bundle.entry.map(({ resource }) => resource);
}
const only = (type: string, report = sampleReport()) =>
  resources(report).filter(({ resourceType }) => resourceType === type);

describe("the FHIR report", () => {
  it("codes a component as the probability of a label, in a code of its own", () => {
    const [observation] = only("Observation");
    expect(observation?.component).toMatchObject([
      {
        code: {
          coding: [
            { system: "urn:axial:codes", code: "mass.yes", display: "Probability of Present" },
          ],
        },
        valueQuantity: { value: 0.123456789 },
      },
      { code: { coding: [{ system: "urn:axial:codes", code: "mass.no" }] } },
    ]);
    expect(observation?.valueCodeableConcept).toMatchObject({
      coding: [{ system: "http://snomed.info/sct", code: "52101004", display: "Present" }],
    });
  });

  it("concludes in codes, and says which order it is based on", () => {
    const [report] = only("DiagnosticReport");
    expect(report).toMatchObject({
      conclusionCode: [{ coding: [{ code: "52101004", display: "Present" }] }],
      basedOn: [{ type: "ServiceRequest", identifier: { value: "ACC-1" } }],
    });
    for (const observation of only("Observation")) expect(observation).toHaveProperty("basedOn");
  });

  it("says who gave the patient's number", () => {
    const issued = (issuer: string) => {
      const { tags, ...report } = sampleReport();
      const issuedTags = { ...tags, "00100021": { vr: "LO", Value: [issuer] } };
      const [patient] = only("Patient", { ...report, tags: issuedTags });
      return (patient?.identifier as object[] | undefined)?.[0];
    };
    expect(issued("General Hospital")).toMatchObject({
      value: "P-1",
      assigner: { display: "General Hospital" },
    });
    expect(issued("1.2.276.0.76")).toMatchObject({ value: "P-1", system: "urn:oid:1.2.276.0.76" });
  });

  it("says of a study of which nothing was analysed that it was not, and why", () => {
    const [report] = only("DiagnosticReport", refusedReport());
    expect(report).toMatchObject({
      conclusionCode: [{ coding: [{ system: "urn:axial:codes", code: "not-analysed" }] }],
    });
    expect(report?.conclusion).toContain(
      "Not analysed by brain-tumour-mobilenetv2, because: The modality is not one",
    );
    expect(only("Observation", refusedReport())).toMatchObject([
      {
        status: "cancelled",
        dataAbsentReason: { coding: [{ code: "not-performed" }] },
        component: [{ valueCodeableConcept: { coding: [{ code: "wrong-modality" }] } }],
      },
      { status: "cancelled" },
    ]);
  });
});
