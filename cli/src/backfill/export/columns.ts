import type { BackfillResult } from "@axial/contracts";

/** A column of an export; numbers are doubles. */
export interface Column {
  readonly name: string;
  readonly type: "text" | "number";
  readonly value: (row: BackfillResult) => string | number | null;
}

const text = (name: keyof BackfillResult): Column => ({
  name,
  type: "text",
  value: (row) => {
    const value = row[name];
    return value === null ? null : String(value);
  },
});
type NumberName = "probability" | (typeof TIMES)[number];
const TIMES = ["waitMs", "decodeMs", "batchWaitMs", "inferMs", "totalMs", "persistMs"] as const;

const number = (name: NumberName): Column => ({
  name,
  type: "number",
  value: (row) => row[name],
});

/** The columns of every format, in order. */
export const COLUMNS: readonly Column[] = [
  ...(["study", "series", "state", "outcome", "code"] as const).map(text),
  ...(["patientId", "accession", "studyDate", "modality", "manufacturer"] as const).map(text),
  ...(["scanner", "site", "lane", "model", "version", "sha256", "label", "display"] as const).map(
    text,
  ),
  number("probability"),
  {
    name: "probabilities",
    type: "text",
    value: ({ probabilities }) => (probabilities === null ? null : JSON.stringify(probabilities)),
  },
  {
    name: "further",
    type: "text",
    value: ({ further }) =>
      further === null || further.length === 0 ? null : JSON.stringify(further),
  },
  ...(["concept", "provider"] as const).map(text),
  ...TIMES.map(number),
  text("answeredAt"),
];
