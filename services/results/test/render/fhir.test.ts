import type { BlobKey } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { renderFhir } from "../../src/render/fhir/render-fhir.ts";
import { indeterminateReport, sampleReport, unknownReport } from "../support/report.ts";

const bundle = renderFhir({
  report: sampleReport(),
  series: [],
  instances: [],
  base: "http://axial",
});
const all = (type: string) =>
  bundle.entry.map((entry) => entry.resource).filter((one) => one.resourceType === type);

/** A slice that has a heat map. */
const explained = {
  ...{ sopInstanceUid: "1.2.3", frame: 0, probabilities: { mass: [0.1, 0.9] } },
  heatmap: "a".repeat(64) as BlobKey,
};

describe("renderFhir", () => {
  it("is a preliminary report of observations by a device", () => {
    expect(all("DiagnosticReport")).toMatchObject([
      { status: "preliminary", code: { coding: [{ code: "18748-4" }] } },
    ]);
    expect(all("Observation")).toMatchObject([
      {
        status: "preliminary",
        valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "52101004" }] },
        component: [{ valueQuantity: { value: 0.123456789, code: "1" } }, {}],
      },
    ]);
    expect(all("Device")).toMatchObject([{ version: [{ value: "1.0.0" }] }]);
    expect(all("Patient")).toMatchObject([
      { name: [{ family: "Müller", given: ["Jörg"] }], birthDate: "1970-01-02", gender: "male" },
    ]);
  });

  it("refers only to what it holds", () => {
    const held = new Set(bundle.entry.map((entry) => entry.fullUrl));
    const text = JSON.stringify(bundle);
    const referred = [...text.matchAll(/"reference":"([^"]+)"/g)].map(([, url]) => url);
    expect(referred.length).toBeGreaterThan(4);
    expect(referred.filter((url) => !held.has(url ?? ""))).toEqual([]);
  });

  it("links the heat maps of a finding, as media that the report and its observations refer to", () => {
    const report = sampleReport({ slices: [explained] });
    const linked = renderFhir({
      report,
      series: [],
      instances: [],
      base: "http://axial",
    });
    const held = linked.entry.map(({ resource }) => resource);
    const media = held.filter(({ resourceType }) => resourceType === "Media");
    expect(media).toMatchObject([
      {
        status: "completed",
        content: {
          contentType: "image/png",
          url: `http://axial/api/v1/studies/${report.studyUid}/heatmaps/${"2".repeat(32)}-0.png`,
        },
      },
    ]);
    const link = { reference: `urn:uuid:${media[0]?.id}` };
    const named = (type: string) => held.find(({ resourceType }) => resourceType === type);
    expect(named("DiagnosticReport")).toMatchObject({ media: [{ link }] });
    expect(named("Observation")?.derivedFrom).toContainEqual(link);
  });

  it("says of images that the model does not know that they are", () => {
    const text = JSON.stringify(
      renderFhir({ report: unknownReport(), series: [], instances: [], base: "http://axial" }),
    );
    expect(text.match(/Out of domain: [^"]*\(distance 3\.20, threshold 1\.50\)/g)).toHaveLength(2);
    expect(JSON.stringify(bundle)).not.toContain("Out of domain");
  });

  it("gives no finding where the model cannot tell, and says the side and what was left out", () => {
    const report = indeterminateReport();
    const open = renderFhir({ report, series: [], instances: [], base: "http://axial" });
    const observation = open.entry.find(({ resource }) => resource.resourceType === "Observation");
    expect(observation?.resource).toMatchObject({
      valueCodeableConcept: { coding: [{ code: "82334004" }] },
      interpretation: [{ coding: [{ code: "IND" }] }],
    });
    const text = JSON.stringify(open);
    expect(text).toContain("Indeterminate: mass cannot be told (agreement 0.40).");
    expect(text).toContain("Left out: 2 localizer.");
    expect(text).toContain('"code":"7771000"');
    expect(text).not.toContain('"code":"52101004"');
  });

  it("says in words what the model rests on", () => {
    expect(all("DiagnosticReport")[0]?.conclusion).toContain("For research use only");
  });
});
