import {
  INDETERMINATE,
  INDETERMINATE_DISPLAY,
  newUid,
  type RunId,
  type TaskId,
  type TaskResult,
} from "@axial/contracts";
import { codeOf } from "../../src/render/report/codes.ts";
import type { Report } from "../../src/render/report/report.ts";
import { taskResult } from "./results.ts";

const MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4";
const YES = { scheme: "SCT", value: "52101004", meaning: "Present" } as const;
const NO = { scheme: "99AXIAL", value: "a-label-longer-than-sixteen", meaning: "Absent" } as const;

/** A report of one finding on three images of a generated patient. */
export function sampleReport(overrides: Partial<TaskResult> = {}): Report {
  const task = "0".repeat(32) as TaskId;
  const seriesUid = newUid();
  const distribution = {
    name: "mass",
    kind: "head",
    label: "yes",
    display: "Present",
    probability: 0.123456789,
    probabilities: { yes: 0.123456789, no: 1e-9 },
  } as const;
  const images = Array.from({ length: 3 }, () => ({
    seriesUid,
    sopInstanceUid: newUid(),
    sopClassUid: MR_IMAGE,
    frame: null,
  }));
  return {
    studyUid: newUid(),
    tags: {
      "00100010": { vr: "PN", Value: [{ Alphabetic: "Müller^Jörg", Ideographic: "山田" }] },
      "00100020": { vr: "LO", Value: ["P-1"] },
      "00100030": { vr: "DA", Value: ["19700102"] },
      "00100040": { vr: "CS", Value: ["M"] },
      "00080020": { vr: "DA", Value: ["20260102"] },
      "00080050": { vr: "SH", Value: ["ACC-1"] },
    },
    runId: "1".repeat(32) as RunId,
    runNumber: 1,
    complete: true,
    unanalysed: [],
    requests: [],
    amends: false,
    issuedAt: new Date("2026-01-02T03:04:05Z"),
    findings: [
      {
        id: "2".repeat(32),
        seriesUid,
        title: "Mass in a phantom",
        result: taskResult(task, { distributions: [distribution], ...overrides }),
        evaluations: [
          {
            concept: { scheme: "99AXIAL", value: "mass", meaning: "Mass" },
            value: YES,
            distribution,
            probabilities: [
              { label: "yes", code: YES, probability: distribution.probabilities.yes },
              { label: "no", code: NO, probability: distribution.probabilities.no },
            ],
          },
        ],
        images,
        createdAt: new Date("2026-01-02T03:04:05Z"),
      },
    ],
  };
}

/** Every attribute that a report copies is wrong, as from a faulty scanner or a typing error. */
export const DIRTY_TAGS: Report["tags"] = {
  "00080020": { vr: "DA", Value: ["20250231"] },
  "00080030": { vr: "TM", Value: ["25:61"] },
  "00080050": { vr: "SH", Value: ["an accession number of more than sixteen"] },
  "00080090": { vr: "PN", Value: [{ Alphabetic: "a^b^c^d^e^f^g" }] },
  "00080201": { vr: "SH", Value: ["CET"] },
  "00081030": { vr: "LO", Value: ["line one\nline two"] },
  "00100010": { vr: "PN", Value: [{ Alphabetic: "x".repeat(70) }] },
  "00100020": { vr: "LO", Value: ["7".repeat(65)] },
  "00100021": { vr: "LO", Value: ["\u0007"] },
  "00100030": { vr: "DA", Value: ["1970.01.01"] },
  "00100040": { vr: "CS", Value: ["female"] },
  "00200010": { vr: "SH", Value: ["a study id that is too long"] },
};

/** A report of a study of which nothing was analysed. */
export function refusedReport(): Report {
  const [finding] = sampleReport().findings;
  return {
    ...sampleReport(),
    findings: [],
    unanalysed: [
      {
        id: "3".repeat(32),
        seriesUid: finding?.seriesUid ?? null,
        model: "brain-tumour-mobilenetv2",
        code: "wrong-modality",
        title: "The modality is not one that the model was trained on.",
        images: finding?.images ?? [],
        createdAt: new Date("2026-01-02T03:04:05Z"),
      },
      {
        id: "4".repeat(32),
        seriesUid: null,
        model: null,
        code: "no-image",
        title: "The series holds no image instances.",
        images: [],
        createdAt: new Date("2026-01-02T03:04:05Z"),
      },
    ],
  };
}

/** A report of images that its model does not know. */
export function unknownReport(): Report {
  const domain = { distance: 3.2, threshold: 1.5, falseAlarmRate: 0.01, slicesBeyond: 1 };
  return sampleReport({ domain: { inDomain: false, ...domain } });
}

/** A report of slices that disagree, of a left knee, beside a localizer. */
export function indeterminateReport(): Report {
  const figures = { agreement: 0.4, entropy: 0.9, margin: 0.05 };
  const report = sampleReport({
    certainty: [{ distribution: "mass", leading: "yes", ...figures, crossed: ["agreement"] }],
    excluded: { localizer: 2 },
    laterality: "L",
  });
  const [finding] = report.findings;
  const [evaluation] = finding?.evaluations ?? [];
  if (finding === undefined || evaluation === undefined) throw new Error("one finding");
  const distribution = {
    ...evaluation.distribution,
    label: INDETERMINATE,
    display: INDETERMINATE_DISPLAY,
  };
  const value = codeOf(INDETERMINATE, distribution, undefined);
  const result = { ...finding.result, distributions: [distribution] };
  const evaluations = [{ ...evaluation, distribution, value }];
  return { ...report, findings: [{ ...finding, result, evaluations }] };
}
