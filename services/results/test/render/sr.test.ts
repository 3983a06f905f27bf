import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instanceFacts, readInstance } from "@axial/dicom";
import { needs } from "@axial/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { renderSr } from "../../src/render/sr/render-sr.ts";
import { indeterminateReport, sampleReport, unknownReport } from "../support/report.ts";

const folder = mkdtempSync(join(tmpdir(), "axial-test-sr-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** DCMTK says so of every file in UTF-8. */
const NO_CHECK = "The VR checker does not support this Specific Character Set";

function run(tool: string, ...options: string[]) {
  const file = join(folder, "report.dcm");
  writeFileSync(file, renderSr(sampleReport()));
  const { stdout, stderr, status } = spawnSync(tool, [...options, file], { encoding: "utf8" });
  const complaints = stderr.split("\n").filter((line) => line !== "" && !line.includes(NO_CHECK));
  return { stdout, complaints, status };
}

describe("renderSr", () => {
  it("lies in the study of its images and is known as our own output", () => {
    const report = sampleReport();
    const facts = instanceFacts(readInstance(renderSr(report)));
    expect(facts).toMatchObject({
      studyUid: report.studyUid,
      sopClassUid: "1.2.840.10008.5.1.4.1.1.88.34",
      modality: "SR",
      ownOutput: true,
    });
  });

  it("is the same object for the same report, another one for another", () => {
    const report = sampleReport();
    expect(renderSr(report).equals(renderSr(report))).toBe(true);
    const uid = (of: typeof report) => instanceFacts(readInstance(renderSr(of))).sopInstanceUid;
    expect(uid({ ...report, complete: false })).not.toBe(uid(report));
  });

  it("says of images that the model does not know that they are", () => {
    const said = "Out of domain: the images are unlike those that the model was trained on";
    expect(renderSr(unknownReport()).includes(said)).toBe(true);
    expect(renderSr(sampleReport()).includes(said)).toBe(false);
  });

  it("gives no finding where the model cannot tell, and says the side and what was left out", () => {
    const bytes = renderSr(indeterminateReport());
    for (const said of [
      "82334004",
      "Indeterminate: mass cannot be told (agreement 0.40).",
      "7771000",
      "Left out: 2 localizer.",
    ]) {
      expect(bytes.includes(said)).toBe(true);
    }
    // The code of the label that would have been given.
    expect(bytes.includes("52101004")).toBe(false);
  });

  describe("read by DCMTK", needs("dcmtk"), () => {
    it("is a well-formed file with the patient's name in UTF-8", () => {
      const { stdout, complaints, status } = run("dcmdump", "--print-all");
      expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
      expect(stdout).toContain("[Müller^Jörg=山田]");
      expect(stdout).toContain("[ISO_IR 192]");
      expect(stdout).toContain("[UNVERIFIED]");
    });

    it("is a valid Comprehensive 3D SR document", () => {
      const { stdout, complaints, status } = run("dsrdump", "--print-all-codes");
      expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
      expect(stdout).toContain("Comprehensive 3D SR Document");
      expect(stdout).toContain("Imaging Measurement Report");
      expect(stdout).toContain("Measurement Group");
      expect(stdout).toContain("Algorithm Version");
      expect(stdout).toContain("For research use only");
      expect(stdout).toContain("0.123457");
    });
  });
});
