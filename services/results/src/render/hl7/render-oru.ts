import { type CodedConcept, INDETERMINATE, OWN_MANUFACTURER } from "@axial/contracts";
import { dateTime, type Field, type Segment, writeMessage } from "@axial/hl7";
import { LATERALITY, sideOf } from "../report/laterality.ts";
import { NOT_ANALYSED, notAnalysedStatement } from "../report/not-analysed.ts";
import type { Evaluation, Finding, Report } from "../report/report.ts";
import { reportKey, stableUuid } from "../report/stable-ids.ts";
import { statementsOf } from "../report/statements.ts";
import { validText } from "../report/valid-values.ts";

export interface OruOptions {
  readonly sendingFacility?: string | undefined;
  readonly receivingApplication?: string | undefined;
  readonly receivingFacility?: string | undefined;
  /** Where a person can look at the study; null for none. */
  readonly link: string | null;
  /** The page for people, as encapsulated data. */
  readonly pdf: Buffer | null;
}

/** MSH-10: 20 characters in HL7 v2.5.1; the same report has the same. */
export function controlIdOf(report: Report): string {
  return stableUuid("oru", reportKey(report)).replaceAll("-", "").slice(0, 20);
}

/**
 * The report as ORU^R01 (HL7 v2.5.1, 7.3.1): an order group for the study, an observation for each
 * finding, its probabilities and its statements. Results are preliminary (P); those of a report that
 * replaces another are corrections (C) by OBX-11, as is OBR-25.
 */
export function renderOru(report: Report, options: OruOptions): string {
  const status = report.amends ? "C" : "P";
  const observations = [
    ...report.findings.flatMap((finding, index) => findingObservations(finding, index + 1)),
    ...report.unanalysed.map((one) =>
      coded(NOT_ANALYSED.status, NOT_ANALYSED.value, { note: notAnalysedStatement(one) }),
    ),
    ...linkAndPdf(options),
  ];
  return writeMessage([
    header(report, options),
    patient(report),
    order(report, status),
    ...observations.flatMap((one, index) => observationSegments(one, index + 1, status)),
  ]);
}

function header(report: Report, options: OruOptions): Segment {
  const { sendingFacility, receivingApplication, receivingFacility } = options;
  return {
    name: "MSH",
    fields: [
      ...[OWN_MANUFACTURER.toUpperCase(), sendingFacility ?? null],
      ...[receivingApplication ?? null, receivingFacility ?? null],
      ...[dateTime(report.issuedAt), null, ["ORU", "R01", "ORU_R01"], controlIdOf(report)],
      ...["P", "2.5.1", null, null, "AL", "NE", null, "UNICODE UTF-8"],
    ],
  };
}

const SEXES: Readonly<Record<string, string>> = { M: "M", F: "F", O: "O" };

function patient({ tags }: Report): Segment {
  const id = validText(tags, "00100020", "LO");
  const issuer = validText(tags, "00100021", "LO");
  const sex = validText(tags, "00100040", "CS") ?? "";
  return {
    name: "PID",
    fields: [
      ...[1, null, id === null ? null : [id, null, null, issuer, "MR"], null],
      ...[patientName(validText(tags, "00100010", "PN")), null],
      ...[validText(tags, "00100030", "DA"), SEXES[sex] ?? "U"],
    ],
  };
}

/** XPN of the alphabetic group: PN has given before middle, prefix before suffix; XPN the other. */
function patientName(name: string | null): Field {
  const [family = "", given = "", middle = "", prefix = "", suffix = ""] =
    name?.split("=")[0]?.split("^") ?? [];
  return name === null ? null : [family, given, middle, suffix, prefix];
}

function order({ tags, studyUid, issuedAt }: Report, status: string): Segment {
  const accession = validText(tags, "00080050", "SH");
  const date = validText(tags, "00080020", "DA");
  const service: CodedConcept = {
    scheme: "LN",
    value: "18748-4",
    meaning: "Diagnostic imaging study",
  };
  const fields: Field[] = [1, accession, accession ?? studyUid, codedElement(service)];
  // OBR-7 observation time, OBR-22 time of this status, OBR-24 section, OBR-25 status.
  fields[6] = date;
  fields[21] = dateTime(issuedAt);
  fields[23] = "RAD";
  fields[24] = status;
  return { name: "OBR", fields: Array.from(fields, (field) => field ?? null) };
}

interface Observation {
  readonly type: "CWE" | "NM" | "RP" | "ED";
  readonly name: CodedConcept;
  readonly subId: string;
  readonly value: Field;
  /** Table 0078: abnormal flags; IND is our word for an abstention. */
  readonly flag?: string;
  readonly note?: string;
}

function findingObservations(finding: Finding, number: number): Observation[] {
  const subId = String(number);
  const { result } = finding;
  const side = sideOf(result.laterality);
  const note = [
    `${finding.title}: ${result.model.id} ${result.model.version}, evidence ${result.model.evidence}.`,
    ...statementsOf(result),
  ].join(" ");
  return [
    ...finding.evaluations.flatMap((one, index) =>
      evaluationObservations(one, { subId, note: index === 0 ? note : undefined }),
    ),
    ...(side === null ? [] : [coded(LATERALITY, side, { subId })]),
  ];
}

function evaluationObservations(
  { concept, value, distribution, probabilities }: Evaluation,
  { subId, note }: { readonly subId: string; readonly note: string | undefined },
): Observation[] {
  const leading = probabilities.find(({ label }) => label === distribution.label);
  return [
    {
      ...coded(concept, value, { subId, ...(note === undefined ? {} : { note }) }),
      ...(distribution.label === INDETERMINATE ? { flag: "IND" } : {}),
    },
    ...(leading === undefined
      ? []
      : [
          {
            type: "NM" as const,
            name: {
              scheme: concept.scheme,
              value: `${concept.value}.probability`,
              meaning: `Probability of ${leading.code.meaning}`,
            },
            ...{ subId, value: leading.probability.toFixed(4) },
          },
        ]),
  ];
}

function coded(
  name: CodedConcept,
  value: CodedConcept,
  more: { readonly subId?: string; readonly note?: string } = {},
): Observation {
  return { type: "CWE", name, subId: "", value: codedElement(value), ...more };
}

/** Code systems as HL7 table 0396 names them. */
const SYSTEMS: Readonly<Record<string, string>> = {
  SCT: "SCT",
  DCM: "DCM",
  RADLEX: "RADLEX",
  LN: "LN",
};

function codedElement({ scheme, value, meaning }: CodedConcept): Field {
  return [value, meaning, SYSTEMS[scheme] ?? "L"];
}

function linkAndPdf({ link, pdf }: OruOptions): Observation[] {
  const named = (value: string, meaning: string) => ({
    ...{ name: { scheme: "99AXIAL", value, meaning }, subId: "" },
  });
  return [
    ...(link === null
      ? []
      : [{ type: "RP" as const, ...named("link", "Study in Axial"), value: [link, null, "TEXT"] }]),
    ...(pdf === null
      ? []
      : [
          {
            type: "ED" as const,
            ...named("report", "Report for people"),
            value: ["AXIAL", "application", "pdf", "Base64", pdf.toString("base64")],
          },
        ]),
  ];
}

function observationSegments(one: Observation, setId: number, status: string): Segment[] {
  const { type, name, subId, value, flag = null, note } = one;
  const segment: Segment = {
    name: "OBX",
    fields: [
      ...[setId, type, codedElement(name), subId, value, null, null, flag],
      ...[null, null, status],
    ],
  };
  return note === undefined ? [segment] : [segment, { name: "NTE", fields: [1, null, note] }];
}
