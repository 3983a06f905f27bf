import { AxialError, type CodedConcept, type ModelPackage } from "@axial/contracts";
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

/** What is read of a FHIR R4 DiagnosticReport: its study and its coded conclusions. */
export const DiagnosticReportSchema = Type.Object({
  resourceType: Type.Literal("DiagnosticReport"),
  identifier: Type.Optional(Type.Array(Identifier)),
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

/**
 * What a radiologist's report says of the models whose labels have one of its codes. Throws
 * `invalid-request` for a report that names no study by its UID (`urn:oid:…`).
 */
export function seenInReport(report: DiagnosticReport, models: readonly ModelPackage[]): Seen {
  const codes = new Set(
    report.conclusionCode.flatMap(({ coding = [] }) =>
      coding.map(({ system, code }) => `${system} ${code}`),
    ),
  );
  return {
    studyUid: studyOf(report),
    labelFor: ({ model, version }) => {
      const pkg = models.find((one) => one.id === model && one.version === version);
      const labels = pkg === undefined ? [] : labelsOf(pkg).filter(({ code }) => isOf(code, codes));
      const [only, ...others] = new Set(labels.map(({ id }) => id));
      // Two labels of one code, or two codes of one head: the report does not decide between them.
      return only === undefined || others.length > 0 ? null : only;
    },
  };
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

/** Of what a prediction's label is of: the first distribution's head and its marginals. */
function labelsOf({ heads: [first] }: ModelPackage) {
  return [...(first?.labels ?? []), ...(first?.marginals ?? []).flatMap(({ labels }) => labels)];
}

function isOf(code: CodedConcept | undefined, codes: ReadonlySet<string>): boolean {
  return code !== undefined && codes.has(`${SCHEMES[code.scheme] ?? code.scheme} ${code.value}`);
}
