import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BlobKey,
  newId,
  newUid,
  type SeriesId,
  type StudyId,
  type TaskId,
} from "@axial/contracts";
import { HAPI_JARS, needs } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderFhir } from "../../src/render/fhir/render-fhir.ts";
import { transactionOf } from "../../src/render/fhir/transaction.ts";
import type { Report } from "../../src/render/report/report.ts";
import {
  DIRTY_TAGS,
  indeterminateReport,
  refusedReport,
  sampleReport,
  unknownReport,
} from "../support/report.ts";
import { taskResult } from "../support/results.ts";

const folder = mkdtempSync(join(tmpdir(), "axial-test-fhir-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = process.env.AXIAL_TEST_PYTHON ?? "python3";

/** The sample report, with heat maps of its slices. */
function explained(): Report {
  const report = sampleReport();
  const [finding] = report.findings;
  if (finding === undefined) throw new Error("a finding");
  const slices = finding.images.map(({ sopInstanceUid }) => ({
    ...{ sopInstanceUid, frame: 0, probabilities: { mass: [0.1, 0.9] } },
    heatmap: "a".repeat(64) as BlobKey,
  }));
  const { distributions } = finding.result;
  const result = taskResult("0".repeat(32) as TaskId, { distributions, slices });
  return { ...report, findings: [{ ...finding, result }] };
}

/** The report's study as it was received: the series of its images, and one without a modality. */
function received({ findings }: Report) {
  const images = findings.flatMap((one) => one.images);
  const uids = [...new Set(images.map(({ seriesUid }) => seriesUid)), newUid()];
  const series = uids.map((seriesUid, index) => ({
    ...{ id: newId<SeriesId>(), series_uid: seriesUid, modality: index === 0 ? "MR" : null },
    ...{ study_id: newId<StudyId>(), instance_count: 3, own: false, tags: {} },
  }));
  const instances = images.map((image) => ({
    series_id: series.find((one) => one.series_uid === image.seriesUid)?.id as SeriesId,
    ...{ sop_instance_uid: image.sopInstanceUid, sop_class_uid: image.sopClassUid },
    ...{ kind: "dicom" as const, blob: "b".repeat(64) as BlobKey, bytes: 1 },
  }));
  return { series, instances };
}

const bundleOf = (report: Report) =>
  renderFhir({ report, ...received(report), base: "https://axial.example.org" });

const AMENDED = { ...sampleReport(), amends: true };
const BUNDLES: Readonly<Record<string, () => object>> = {
  report: () => bundleOf(sampleReport()),
  explained: () => bundleOf(explained()),
  "not-analysed": () => bundleOf(refusedReport()),
  indeterminate: () => bundleOf(indeterminateReport()),
  "out-of-domain": () => bundleOf(unknownReport()),
  dirty: () => bundleOf({ ...explained(), tags: DIRTY_TAGS }),
  "born-on-no-day": () => {
    const report = sampleReport();
    const tags = { ...report.tags, "00100030": { vr: "DA", Value: ["19700230"] } };
    return bundleOf({ ...report, tags });
  },
  amended: () => bundleOf(AMENDED),
  transaction: () =>
    transactionOf(bundleOf(explained()), { amends: false, pdf: Buffer.from("%PDF") }),
  "amended-transaction": () =>
    transactionOf(bundleOf(AMENDED), { amends: true, ownsImagingStudy: true }),
};

let files: string[] = [];
beforeAll(() => {
  files = Object.entries(BUNDLES).map(([name, bundle]) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(bundle()));
    return file;
  });
});

const VALIDATE = `
import json, sys
from fhir.resources.R4B.bundle import Bundle
for path in sys.argv[1:]:
    try:
        Bundle.model_validate(json.load(open(path)))
    except Exception as error:
        print(path, error)
print("validated", len(sys.argv) - 1)
`;

it("hands the validators a study with series and instances", () => {
  const { entry } = bundleOf(sampleReport());
  const study = entry.find(({ resource }) => resource.resourceType === "ImagingStudy")?.resource;
  expect(study).toMatchObject({ numberOfSeries: 2, numberOfInstances: 3 });
  const series = study?.series as readonly { readonly instance?: readonly object[] }[];
  expect(series.map(({ instance }) => instance?.length)).toEqual([3, undefined]);
});

describe("fhir.resources", needs("fhir.resources"), () => {
  it("reads every bundle", () => {
    const { stdout, stderr } = spawnSync(python, ["-c", VALIDATE, ...files], {
      encoding: "utf8",
    });
    expect(stdout, stderr).toBe(`validated ${files.length}\n`);
  });
});

describe("HAPI's validator", needs("hapi"), () => {
  it("finds no error in any bundle", { timeout: 300_000 }, () => {
    const program = fileURLToPath(new URL("../support/hapi/Validate.java", import.meta.url));
    const args = ["-cp", join(HAPI_JARS, "*"), program, ...files];
    const { stdout, stderr } = spawnSync("java", args, { encoding: "utf8" });
    expect(stdout, stderr).toBe(`validated ${files.length}\n`);
  });
});
