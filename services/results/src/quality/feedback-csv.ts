import { AxialError } from "@axial/contracts";
import type { Seen } from "./verdicts.ts";

const COLUMNS = ["study", "model", "label"] as const;
const MAX_LINES = 10_000;

/**
 * Reads lines of `study,model,label` under a head that names these columns, in any order: the Study
 * Instance UID, the model and the label that is right. No value of these needs quotes, which are
 * taken all the same. Throws `invalid-request` that names the line.
 */
export function parseFeedbackCsv(text: string): Seen[] {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = cellsOf(head).map((name) => name.toLowerCase());
  const places = COLUMNS.map((column) => names.indexOf(column));
  if (places.includes(-1)) throw invalid(1, `the columns are ${COLUMNS.join(", ")}`);
  const filled = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [{ line, number: index + 2 }],
  );
  if (filled.length > MAX_LINES) throw invalid(MAX_LINES + 2, `at most ${MAX_LINES} lines`);
  return filled.map(({ line, number }) => {
    const cells = cellsOf(line);
    const [studyUid = "", model = "", label = ""] = places.map((place) => cells[place] ?? "");
    if (!/^[0-9.]{1,64}$/.test(studyUid)) throw invalid(number, "no Study Instance UID");
    if (model === "" || label === "") throw invalid(number, "no model or label");
    return {
      studyUid,
      labelFor: (prediction) => (prediction.model === model ? label.slice(0, 128) : null),
    };
  });
}

function cellsOf(line: string): string[] {
  return line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function invalid(line: number, why: string): AxialError {
  return new AxialError("invalid-request", { detail: `line ${line}: ${why}` });
}
