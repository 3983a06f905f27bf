import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlobKey, TaskId } from "@axial/contracts";
import { attributeJson, readInstance, tagOfKeyword } from "@axial/dicom";
import { needs } from "@axial/testkit";
import { afterAll, describe, expect, it } from "vitest";
import type { HeatmapPicture } from "../../src/render/heatmap/render-heatmap.ts";
import { renderEncapsulatedPdf } from "../../src/render/pdf/render-encapsulated-pdf.ts";
import type { Report } from "../../src/render/report/report.ts";
import { renderHeatmapObject } from "../../src/render/sr/render-heatmap-object.ts";
import { renderSr } from "../../src/render/sr/render-sr.ts";
import { DIRTY_TAGS, refusedReport, sampleReport } from "../support/report.ts";
import { taskResult } from "../support/results.ts";

const folder = mkdtempSync(join(tmpdir(), "axial-test-sr-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = process.env.AXIAL_TEST_PYTHON ?? "python3";

function withHeatmaps(): Report {
  const report = sampleReport();
  const [finding] = report.findings;
  if (finding === undefined) throw new Error("a finding");
  const slices = finding.images.map(({ sopInstanceUid }) => ({
    ...{ sopInstanceUid, frame: 0, probabilities: { mass: [0.1, 0.9] } },
    heatmap: "a".repeat(64) as BlobKey,
  }));
  const result = taskResult("0".repeat(32) as TaskId, {
    distributions: finding.result.distributions,
    slices,
  });
  return { ...report, findings: [{ ...finding, result }] };
}

/** Three pixels of a slice, each enlarged to four, over a strip of text of four rows. */
const PICTURE = {
  ...{ width: 6, height: 10, pixels: Uint8Array.from({ length: 180 }, (_, at) => at) },
  geometry: {
    ...{ frameOfReferenceUid: "1.2.3.9", position: [-120.5, 80, 1 / 3] },
    ...{ orientation: [1, 0, 0, 0, 1, 0], spacing: [0.5, 0.5], rows: 3, columns: 3 },
  },
} satisfies HeatmapPicture;

const heatmapObject = (tags: Report["tags"]) =>
  renderHeatmapObject({
    ref: { prediction: "2".repeat(32), slice: 0 },
    picture: PICTURE,
    study: { studyUid: "1.2.3", tags },
    source: {
      ...{ seriesUid: "1.2.3.4", sopInstanceUid: "1.2.3.4.5", frame: null },
      sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
    },
    model: "brain-tumour-mobilenetv2",
    createdAt: new Date("2026-01-02T03:04:05Z"),
  });

const PREDECESSOR = {
  ...{ seriesUid: "1.2.3.7", sopInstanceUid: "1.2.3.8", frame: null },
  sopClassUid: "1.2.840.10008.5.1.4.1.1.88.34",
};
const dirty = () => ({ ...sampleReport(), tags: DIRTY_TAGS });

const OBJECTS: readonly (readonly [name: string, object: () => Buffer])[] = [
  ["a report", () => renderSr(sampleReport())],
  ["a report with heat maps", () => renderSr(withHeatmaps())],
  ["a report of what was not analysed", () => renderSr(refusedReport())],
  ["a report of dirty input", () => renderSr({ ...withHeatmaps(), tags: DIRTY_TAGS })],
  ["a heat map", () => heatmapObject(sampleReport().tags)],
  ["a heat map of dirty input", () => heatmapObject(DIRTY_TAGS)],
  ["an amended report", () => renderSr({ ...sampleReport(), amends: true }, PREDECESSOR)],
  ["a page for people", () => renderEncapsulatedPdf(sampleReport(), Buffer.from("%PDF-1.3 odd"))],
  ["a page of dirty input", () => renderEncapsulatedPdf(dirty(), Buffer.from("%PDF-1.3"))],
];

describe("dciodvfy", needs("dicom3tools"), () => {
  it.each(OBJECTS)("finds no error in %s", (name, object) => {
    const file = join(folder, `${name.replaceAll(" ", "-")}.dcm`);
    writeFileSync(file, object());
    const { stderr } = spawnSync("dciodvfy", [file], { encoding: "utf8" });
    expect(stderr.split("\n").filter((line) => line.startsWith("Error"))).toEqual([]);
  });
});

const SCRIPT = `
import sys, json, highdicom as hd
from highdicom.sr import srread
sr = srread(sys.argv[1])
report = sr.content
groups = report.get_image_measurement_groups()
print(json.dumps([{
  "tracking": g.tracking_uid, "sources": [s.referenced_sop_instance_uid for s in g.source_images],
  "measurements": [[m.name.meaning, m.value, [i.referenced_sop_instance_uid for i in m.referenced_images]] for m in g.get_measurements()],
  "evaluations": [[e.name.meaning, e.value.meaning] for e in g.get_qualitative_evaluations()],
} for g in groups]))
`;

const OBJECTS_SCRIPT = `
import sys, json, highdicom as hd
from highdicom.spatial import ImageToReferenceTransformer
from pydicom import dcmread
heat, page = hd.imread(sys.argv[1]), dcmread(sys.argv[2])
place = ImageToReferenceTransformer.for_image(heat)
import numpy as np
corners = place(np.array([[0.0, 0.0], [6.0, 6.0]]))
print(json.dumps({
  "pixels": heat.pixel_array.ravel().tolist(), "corners": corners.tolist(),
  "frame": heat.FrameOfReferenceUID, "source": heat.SourceImageSequence[0].ReferencedSOPInstanceUID,
  "document": page.EncapsulatedDocument[:5].decode(), "type": page.MIMETypeOfEncapsulatedDocument,
}))
`;

interface Group {
  readonly sources: readonly string[];
  readonly measurements: readonly (readonly [name: string, value: number, images: string[]])[];
  readonly evaluations: readonly (readonly [name: string, value: string])[];
}

describe("highdicom", needs("highdicom"), () => {
  const groupsOf = (report: Report): Group[] => {
    const file = join(folder, "highdicom.dcm");
    writeFileSync(file, renderSr(report));
    const { stdout, stderr, status } = spawnSync(python, ["-c", SCRIPT, file], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as Group[];
  };

  it("reads the groups, and the source images of each and of each probability", () => {
    const report = withHeatmaps();
    const images = report.findings[0]?.images.map((one) => one.sopInstanceUid);
    expect(groupsOf(report)).toMatchObject([
      {
        sources: images,
        measurements: [
          ["Probability of Present", 0.123457, images],
          ["Probability of Absent", 1e-9, images],
        ],
        evaluations: [["Mass", "Present"]],
      },
    ]);
  });

  it("reads a heat map's pixels, and finds it where its slice lies; pydicom reads the page", () => {
    const files = ["heat", "page"].map((name) => join(folder, `${name}.dcm`));
    const page = renderEncapsulatedPdf(sampleReport(), Buffer.from("%PDF-1.3"));
    for (const [index, object] of [heatmapObject(sampleReport().tags), page].entries()) {
      writeFileSync(files[index] ?? "", object);
    }
    const args = ["-c", OBJECTS_SCRIPT, ...files];
    const { stdout, stderr, status } = spawnSync(python, args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const read = JSON.parse(stdout);
    expect(read).toMatchObject({
      ...{ pixels: [...PICTURE.pixels], frame: "1.2.3.9", source: "1.2.3.4.5" },
      ...{ document: "%PDF-", type: "application/pdf" },
    });
    // Of the slice's three pixels of half a millimetre: from corner to corner.
    const [first, last] = [-120.5 - 0.25, 80 - 0.25];
    const expected = [
      [first, last, 1 / 3],
      [first + 1.5, last + 1.5, 1 / 3],
    ];
    for (const [index, corner] of expected.entries()) {
      for (const [axis, value] of corner.entries()) {
        expect(read.corners[index][axis]).toBeCloseTo(value, 5);
      }
    }
  });

  it("reads why something was not analysed", () => {
    expect(groupsOf(refusedReport())[0]).toMatchObject({
      measurements: [],
      evaluations: [
        ["Analysis", "Not analysed"],
        ["Reason", "The modality is not one that the model was trained on."],
      ],
    });
  });
});

describe("what a report takes over from its images", () => {
  const read = (report: Report) => readInstance(renderSr(report)).dataset;
  const tag = (keyword: string) => tagOfKeyword(keyword) ?? 0;

  it("is nothing that its VR does not allow", () => {
    const dataset = read({ ...sampleReport(), tags: DIRTY_TAGS });
    const copied = ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate"];
    const more = ["StudyTime", "AccessionNumber", "StudyID", "ReferringPhysicianName"];
    for (const keyword of [...copied, ...more])
      expect(dataset.text(tag(keyword)), keyword).toBe(null);
    for (const keyword of ["IssuerOfPatientID", "StudyDescription", "TimezoneOffsetFromUTC"]) {
      expect(dataset.has(tag(keyword)), keyword).toBe(false);
    }
  });

  it("is their offset from UTC, and its own times are on that clock", () => {
    const { tags, ...report } = sampleReport();
    const zone = { "00080201": { vr: "SH", Value: ["-0330"] } };
    const dataset = read({ ...report, tags: { ...tags, ...zone } });
    expect(dataset.string(tag("TimezoneOffsetFromUTC"))).toBe("-0330");
    expect(dataset.string(tag("ContentDate"))).toBe("20260101");
    expect(dataset.string(tag("ContentTime"))).toBe("233405");
    expect(read(sampleReport()).has(tag("TimezoneOffsetFromUTC"))).toBe(false);
  });

  it("is the request that they answer", () => {
    const requests = [{ "00401001": { vr: "SH", Value: ["RP-7"] } }];
    const [item] = read({ ...sampleReport(), requests }).items(tag("ReferencedRequestSequence"));
    expect(item?.string(tag("RequestedProcedureID"))).toBe("RP-7");
    expect(item?.string(tag("AccessionNumber"))).toBe("ACC-1");
  });

  it("says who answers for the codes of its own", () => {
    const dataset = read(sampleReport());
    const [item] = dataset.items(tag("CodingSchemeIdentificationSequence"));
    expect(item?.string(tag("CodingSchemeDesignator"))).toBe("99AXIAL");
    expect(item?.text(tag("CodingSchemeResponsibleOrganization"))).toBeTruthy();
  });

  it("names each heat map as Visual Explanation and as evidence", () => {
    const dataset = read(withHeatmaps());
    const json = JSON.stringify(attributeJson(dataset, tag("ContentSequence")));
    expect(json.match(/130401/g)).toHaveLength(3);
    const [evidence] = dataset.items(tag("CurrentRequestedProcedureEvidenceSequence"));
    const series = evidence?.items(tag("ReferencedSeriesSequence")) ?? [];
    const classes = series.map((one) =>
      one.items(tag("ReferencedSOPSequence"))[0]?.string(tag("ReferencedSOPClassUID")),
    );
    expect(classes).toEqual(["1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.7"]);
  });
});
