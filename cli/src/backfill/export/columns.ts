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
const number = (name: "probability" | "waitMs" | "totalMs"): Column => ({
  name,
  type: "number",
  value: (row) => row[name],
});

/** The columns of every format, in order. */
export const COLUMNS: readonly Column[] = [
  ...(["study", "series", "state", "outcome", "code"] as const).map(text),
  ...(["patientId", "accession", "studyDate", "modality", "manufacturer"] as const).map(text),
  ...(["scanner", "lane", "model", "version", "sha256", "label", "display"] as const).map(text),
  number("probability"),
  {
    name: "probabilities",
    type: "text",
    value: ({ probabilities }) => (probabilities === null ? null : JSON.stringify(probabilities)),
  },
  ...(["concept", "provider"] as const).map(text),
  number("waitMs"),
  number("totalMs"),
  text("answeredAt"),
];
