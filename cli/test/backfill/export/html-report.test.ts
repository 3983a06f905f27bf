import type { BackfillResult } from "@axial/contracts";
import { expect, test } from "vitest";
import { COLUMNS } from "../../../src/backfill/export/columns.ts";
import { HtmlReport } from "../../../src/backfill/export/html-report.ts";
import { pseudonymised } from "../../../src/backfill/export/pseudonyms.ts";

const ROW: BackfillResult = {
  ...{ study: "1.2.3", state: "done", outcome: "prediction", series: "1.2.4", code: null },
  ...{ patientId: "P1", accession: "A1", studyDate: "20260102", modality: "MR" },
  ...{ manufacturer: "Maker", scanner: "Tesla 9", site: "St <Anna>", lane: "backfill" },
  ...{ model: "brain", version: "1.0.0", sha256: "0".repeat(64), concept: null },
  ...{ label: "tumour", display: "Tumour", probability: 0.97, probabilities: { tumour: 0.97 } },
  further: [
    ...[{ name: "plane", kind: "head" as const, label: "axial", display: "Axial plane" }].map(
      (head) => ({ ...head, probability: 0.9, probabilities: { axial: 0.9 } }),
    ),
  ],
  ...{ provider: "cpu", waitMs: 1, decodeMs: 2, batchWaitMs: 3, inferMs: 4, totalMs: 9 },
  ...{ persistMs: 5, answeredAt: "2026-01-02T03:04:05.000Z" },
};

test("a report has histograms by site and by scanner, and every head's labels", () => {
  const report = new HtmlReport();
  report.add(ROW);
  report.add({ ...ROW, site: null });
  const page = report.page();
  for (const heading of [
    "brain 1.0.0 at St &lt;Anna>",
    "brain 1.0.0 at an unnamed site",
    "brain 1.0.0 on Maker Tesla 9",
    "brain 1.0.0: Tumour",
    "brain 1.0.0, plane: Axial plane",
  ]) {
    expect(page).toContain(heading);
  }
});

test("a row has the site, the time of each stage and further heads; a pseudonym has no site", () => {
  const cells = Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value(ROW)]));
  expect(cells).toMatchObject({
    ...{ site: "St <Anna>", decodeMs: 2, batchWaitMs: 3, inferMs: 4, totalMs: 9, persistMs: 5 },
    further: JSON.stringify(ROW.further),
  });
  const hidden = pseudonymised(ROW, "secret");
  expect(hidden).toMatchObject({ site: null, studyDate: "2026", scanner: "Tesla 9" });
  expect(JSON.stringify(hidden)).not.toContain("Anna");
});
