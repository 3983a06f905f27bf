import { AxialError, type CodedConcept, type Head, type ModelPackage } from "@axial/contracts";
import { type Static, Type } from "typebox";
import type { Seen } from "./verdicts.ts";

const Coding = Type.Object({
  system: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
});
const Identifier = Type.Object({
  system: Type.Optional(Type.String()),
  value: Type.Optional(Type.String()),
});

/** What is read of a FHIR R4 DiagnosticReport: its study, its patient and its coded conclusions. */
export const DiagnosticReportSchema = Type.Object({
  resourceType: Type.Literal("DiagnosticReport"),
  identifier: Type.Optional(Type.Array(Identifier)),
  subject: Type.Optional(Type.Object({ identifier: Type.Optional(Identifier) })),
  imagingStudy: Type.Optional(Type.Array(Type.Object({ identifier: Type.Optional(Identifier) }))),
  conclusionCode: Type.Array(Type.Object({ coding: Type.Optional(Type.Array(Coding)) }), {
    minItems: 1,
  }),
});
type DiagnosticReport = Static<typeof DiagnosticReportSchema>;

/** FHIR's names of coding schemes (PS3.16 section 8). */
const SCHEMES: Readonly<Record<string, string>> = {
  SCT: "http://snomed.info/sct",
  RADLEX: "http://radlex.org",
  LN: "http://loinc.org",
};

/** Of which study and patient a report is, and what it says of models' answers. */
interface SeenInReport extends Seen {
  /** PatientID as the report has it; null where it names none. */
  readonly patientId: string | null;
}

/**
 * What a radiologist's report says of the models whose labels have one of its codes. Throws
 * `invalid-request` for a report that names no study by its UID (`urn:oid:…`).
 */
export function seenInReport(
  report: DiagnosticReport,
  models: readonly ModelPackage[],
): SeenInReport {
  const codes = new Set(
    report.conclusionCode.flatMap(({ coding = [] }) =>
      coding.map(({ system, code }) => `${system} ${code}`),
    ),
  );
  return {
    studyUid: studyOf(report),
    patientId: report.subject?.identifier?.value?.trim() || null,
    labelFor: ({ model, version, predicted }) => {
      const pkg = models.find((one) => one.id === model && one.version === version);
      const [first] = pkg?.heads ?? [];
      return first === undefined ? null : labelIn(first, { codes, predicted });
    },
  };
}

interface Said {
  readonly codes: ReadonlySet<string>;
  readonly predicted: string;
}

/**
 * The label of `head` that the codes name. Where several labels have a code (a tumour in each plane),
 * codes of other marginals choose among them, and then what the model answered there: a report
 * of a tumour does not dispute the plane. Null where the codes name none, or several all the same.
 */
function labelIn(head: Head, { codes, predicted }: Said): string | null {
  const named = head.labels.filter(({ code }) => isOf(code, codes)).map(({ id }) => id);
  const marginals = (head.marginals ?? []).map(({ labels }) => labels);
  const spoken = marginals.flatMap((labels) => {
    const coded = labels.filter(({ code }) => isOf(code, codes));
    return coded.length === 0 ? [] : [coded.map(({ of }) => of)];
  });
  // Two answers to one question: the report does not decide between them.
  if (spoken.some((answers) => answers.length > 1)) return null;
  const left = named.filter((id) => spoken.every(([of]) => of?.includes(id)));
  const [only, ...others] = new Set(left);
  if (only === undefined || others.length === 0) return only ?? null;
  const disputed = marginals.filter(
    (labels) => new Set(left.map((id) => answerOf(labels, id))).size > 1,
  );
  const alike = left.filter((id) =>
    disputed.every((labels) => answerOf(labels, id) === answerOf(labels, predicted)),
  );
  if (alike.length === 1) return alike[0] ?? null;
  return marginals.flat().find(({ of }) => isSame(of, left))?.id ?? null;
}

interface MarginalLabel {
  readonly id: string;
  readonly of: readonly string[];
}

/** The label of a marginal that `id` counts for. */
function answerOf(labels: readonly MarginalLabel[], id: string): string | undefined {
  return labels.find(({ of }) => of.includes(id))?.id;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

function studyOf({ imagingStudy = [], identifier = [] }: DiagnosticReport): string {
  const named = [...imagingStudy.flatMap((one) => one.identifier ?? []), ...identifier];
  for (const { value } of named) {
    const uid = /^urn:oid:([0-9.]{1,64})$/.exec(value ?? "")?.[1];
    if (uid !== undefined) return uid;
  }
  throw new AxialError("invalid-request", {
    detail: "imagingStudy.identifier names no study (urn:oid: and its UID)",
  });
}

function isOf(code: CodedConcept | undefined, codes: ReadonlySet<string>): boolean {
  return code !== undefined && codes.has(`${SCHEMES[code.scheme] ?? code.scheme} ${code.value}`);
}
