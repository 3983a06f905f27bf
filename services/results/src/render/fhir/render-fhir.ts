import {
  type CodedConcept,
  EVIDENCE_STATEMENT,
  INDETERMINATE,
  OWN_MANUFACTURER,
} from "@axial/contracts";
import type { InstanceRow, StudyRecord } from "@axial/store/views";
import { OWN_SCHEME, probabilityConcept } from "../report/codes.ts";
import { LATERALITY, sideOf } from "../report/laterality.ts";
import { NOT_ANALYSED, notAnalysedStatement } from "../report/not-analysed.ts";
import type { Evaluation, Finding, Report, Unanalysed } from "../report/report.ts";
import { reportKey, stableUuid } from "../report/stable-ids.ts";
import { statementsOf } from "../report/statements.ts";
import { type Bundle, codeableConcept, quantity, type Resource, reference } from "./fhir-types.ts";
import { heatmapMedia } from "./heatmap-media.ts";
import { basedOn, imagingStudyOf } from "./imaging-study.ts";
import { patientOf } from "./patient.ts";

const IMAGING = [
  {
    coding: [
      {
        system: "http://terminology.hl7.org/CodeSystem/observation-category",
        code: "imaging",
      },
    ],
  },
];
const PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

interface FhirSources {
  readonly report: Report;
  readonly series: StudyRecord["series"];
  readonly instances: readonly InstanceRow[];
  /** Address before the paths of links, without a slash at its end. */
  readonly base: string | null;
}

/**
 * The report as a FHIR R4 Bundle: DiagnosticReport, Observations, Devices, Media (heat
 * maps), ImagingStudy, Patient, Provenance. Status preliminary, no person has verified it; amended where it replaces an earlier
 * answer of the study.
 */
export function renderFhir({ report, series, instances, base }: FhirSources): Bundle {
  const patient = patientOf(report);
  const study = imagingStudyOf({ report, series, instances, patient });
  const findings = report.findings.map((finding) => {
    const device = deviceOf(finding);
    const media = heatmapMedia(finding, { report, patient, study, device, base });
    const context = { report, patient, study, device, finding, media };
    const observations = finding.evaluations.map((one) => observationOf(one, context));
    return { finding, device, observations, media };
  });
  const devices = [...new Map(findings.map(({ device }) => [device.id, device])).values()];
  const observations = [
    ...findings.flatMap((one) => one.observations),
    ...report.unanalysed.map((one) => notAnalysedObservation(one, { report, patient, study })),
  ];
  const media = findings.flatMap((one) => one.media);
  const diagnosticReport = diagnosticReportOf(report, { patient, study, observations, media });
  const provenance = provenanceOf(report, { diagnosticReport, observations, devices, study });
  const resources = [
    ...[diagnosticReport, ...observations, ...devices, ...media, study, patient],
    ...(devices.length === 0 ? [] : [provenance]),
  ];
  return {
    resourceType: "Bundle",
    id: stableUuid("bundle", reportKey(report)),
    type: "collection",
    timestamp: report.issuedAt.toISOString(),
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
  };
}

/** The report of a study by its UID: one, which later answers amend. */
export const REPORT_SYSTEM = "urn:axial:study-report";
const OBSERVATION_SYSTEM = "urn:axial:observation";
export const PROVENANCE_TAG = "urn:axial:provenance";

function statusOf({ complete, amends }: Report): string {
  if (!complete) return "partial";
  return amends ? "amended" : "preliminary";
}

interface ProvenanceParts {
  readonly diagnosticReport: Resource;
  readonly observations: readonly Resource[];
  readonly devices: readonly Resource[];
  readonly study: Resource;
}

/** Which software made what of which images. */
function provenanceOf(report: Report, parts: ProvenanceParts): Resource {
  const id = stableUuid("provenance", reportKey(report));
  const code = { system: PARTICIPANT_TYPE, code: "assembler", display: "Assembler" };
  return {
    resourceType: "Provenance",
    id,
    meta: { tag: [{ system: PROVENANCE_TAG, code: id }] },
    target: [parts.diagnosticReport, ...parts.observations].map(reference),
    recorded: report.issuedAt.toISOString(),
    agent: parts.devices.map((device) => ({ type: { coding: [code] }, who: reference(device) })),
    entity: [{ role: "source", what: reference(parts.study) }],
  };
}

interface ReportParts {
  readonly patient: Resource;
  readonly study: Resource;
  readonly observations: readonly Resource[];
  readonly media: readonly Resource[];
}

function diagnosticReportOf(report: Report, parts: ReportParts): Resource {
  const statements = report.findings.flatMap(({ result }) =>
    statementsOf(result).map((statement) => `${result.model.id}: ${statement}`),
  );
  return {
    resourceType: "DiagnosticReport",
    id: stableUuid("report", reportKey(report)),
    identifier: [{ system: REPORT_SYSTEM, value: `urn:oid:${report.studyUid}` }],
    status: statusOf(report),
    category: [
      {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "RAD" }],
      },
    ],
    code: {
      coding: [
        { system: "http://loinc.org", code: "18748-4", display: "Diagnostic imaging study" },
      ],
    },
    ...basedOn(report),
    subject: reference(parts.patient),
    effectiveDateTime: report.issuedAt.toISOString(),
    issued: report.issuedAt.toISOString(),
    imagingStudy: [reference(parts.study)],
    result: parts.observations.map(reference),
    ...(parts.media.length > 0 && {
      media: parts.media.map((one) => ({ comment: "Heat map", link: reference(one) })),
    }),
    conclusion: [...new Set([...statements, ...report.unanalysed.map(notAnalysedStatement)])].join(
      " ",
    ),
    conclusionCode: conclusionsOf(report).map(codeableConcept),
  };
}

/** What was found, each conclusion once, or that it cannot be told; where nothing was analysed, that. */
function conclusionsOf({ findings, unanalysed }: Report): CodedConcept[] {
  const found = findings.flatMap(({ evaluations }) => evaluations.map(({ value }) => value));
  const all = unanalysed.length === 0 ? found : [...found, NOT_ANALYSED.value];
  return [...new Map(all.map((one) => [`${one.scheme} ${one.value}`, one])).values()];
}

/** A series that was not analysed: an observation that was not made, and why. */
function notAnalysedObservation(
  unanalysed: Unanalysed,
  { report, patient, study }: Pick<ObservationContext, "report" | "patient" | "study">,
): Resource {
  const { id, code, title, seriesUid, createdAt } = unanalysed;
  const reason = { scheme: OWN_SCHEME, value: code, meaning: title };
  const series = seriesUid === null ? [] : [{ text: `Series ${seriesUid}.` }];
  return {
    resourceType: "Observation",
    id: stableUuid("not analysed", id),
    identifier: [{ system: OBSERVATION_SYSTEM, value: stableUuid("not analysed", id) }],
    status: "cancelled",
    category: IMAGING,
    ...basedOn(report),
    code: codeableConcept(NOT_ANALYSED.status),
    subject: reference(patient),
    effectiveDateTime: createdAt.toISOString(),
    issued: createdAt.toISOString(),
    dataAbsentReason: {
      coding: [{ system: DATA_ABSENT, code: "not-performed", display: "Not Performed" }],
      text: title,
    },
    partOf: [reference(study)],
    derivedFrom: [reference(study)],
    note: [{ text: notAnalysedStatement(unanalysed) }, ...series],
    component: [
      {
        code: codeableConcept(NOT_ANALYSED.reason),
        valueCodeableConcept: codeableConcept(reason),
      },
    ],
  };
}

function deviceOf({ result, title }: Finding): Resource {
  const { model } = result;
  return {
    resourceType: "Device",
    id: stableUuid("device", model.id, model.version, model.sha256),
    identifier: [{ system: "urn:axial:model:sha256", value: model.sha256 }],
    manufacturer: OWN_MANUFACTURER,
    deviceName: [
      { name: title, type: "user-friendly-name" },
      { name: model.id, type: "model-name" },
    ],
    version: [{ value: model.version }],
    note: [{ text: EVIDENCE_STATEMENT[model.evidence] }],
  };
}

interface ObservationContext {
  readonly report: Report;
  readonly patient: Resource;
  readonly study: Resource;
  readonly device: Resource;
  readonly finding: Finding;
  readonly media: readonly Resource[];
}

function observationOf(evaluation: Evaluation, context: ObservationContext): Resource {
  const { report, finding, patient, study, device, media } = context;
  const at = finding.createdAt.toISOString();
  const id = stableUuid("observation", finding.id, evaluation.distribution.name);
  return {
    resourceType: "Observation",
    id,
    identifier: [{ system: OBSERVATION_SYSTEM, value: id }],
    status: report.amends ? "amended" : "preliminary",
    category: IMAGING,
    ...basedOn(report),
    code: codeableConcept(evaluation.concept),
    subject: reference(patient),
    effectiveDateTime: at,
    issued: at,
    valueCodeableConcept: codeableConcept(evaluation.value),
    ...interpretationOf(evaluation.distribution),
    device: reference(device),
    partOf: [reference(study)],
    derivedFrom: [study, ...media].map(reference),
    note: [
      { text: `Series ${finding.seriesUid}, execution provider ${finding.result.provider}.` },
      ...statementsOf(finding.result).map((text) => ({ text })),
    ],
    component: [
      ...evaluation.probabilities.map((one) => ({
        code: codeableConcept(probabilityConcept(evaluation.concept, one)),
        valueQuantity: quantity(one.probability),
      })),
      ...sideComponents(finding.result),
    ],
  };
}

/** v3 ObservationInterpretation: the model abstains. */
const INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";

function interpretationOf({ label }: Evaluation["distribution"]): object {
  if (label !== INDETERMINATE) return {};
  const coding = [{ system: INTERPRETATION, code: "IND", display: "Indeterminate" }];
  return { interpretation: [{ coding }] };
}

function sideComponents({ laterality }: Finding["result"]): object[] {
  const side = sideOf(laterality);
  if (side === null) return [];
  return [{ code: codeableConcept(LATERALITY), valueCodeableConcept: codeableConcept(side) }];
}
