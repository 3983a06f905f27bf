import { OWN_MANUFACTURER } from "@axial/contracts";
import { sideOf } from "../report/laterality.ts";
import { notAnalysedStatement } from "../report/not-analysed.ts";
import type { Evaluation, Finding, Report } from "../report/report.ts";
import { statementsOf } from "../report/statements.ts";
import { validText } from "../report/valid-values.ts";
import { Page } from "./page.ts";

const TITLE = { size: 17 };
const HEADING = { size: 11 };
const BODY = { size: 9.5 };
const SMALL = { size: 8, grey: true };
const INDENTED = { size: 9, indent: 12 };
/** Points that the last lines take. */
const FOOT = 46;

/**
 * The report as one page of PDF for people, names in any script. What does not fit is counted, and
 * is in the structured report. The same report yields the same bytes.
 */
export async function renderPdf(report: Report): Promise<Buffer> {
  const page = new Page("Axial classification report", report.issuedAt);
  page.write("Classification of images", TITLE);
  page.write(
    "By software, for research use only. Preliminary: no person has verified it." +
      (report.amends ? " Amended: it replaces an earlier report of this study." : ""),
    BODY,
  );
  page.skip(6);
  page.rule();
  writePatient(page, report);
  page.rule();
  writeFindings(page, report);
  writeFoot(page, report);
  return page.end();
}

function writePatient(page: Page, { tags, studyUid }: Report): void {
  const name = validText(tags, "00100010", "PN");
  const rows = [
    ["Patient", name === null ? null : personNames(name)],
    ["Patient ID", validText(tags, "00100020", "LO")],
    ["Born", dateOf(validText(tags, "00100030", "DA"))],
    ["Sex", validText(tags, "00100040", "CS")],
    ["Accession", validText(tags, "00080050", "SH")],
    ["Study", validText(tags, "00081030", "LO")],
    ["Study date", dateOf(validText(tags, "00080020", "DA"))],
    ["Study UID", studyUid],
  ] as const;
  for (const [label, value] of rows) {
    if (value !== null) page.write(`${label}: ${value}`, BODY);
  }
}

/**
 * Every component group of a name (PS3.5 6.2.1), written as people write them: in the ideographic
 * and the phonetic one the family's name is first.
 */
function personNames(name: string): string {
  return name
    .split("=")
    .map((group, index) => {
      const [family, given, middle, prefix, suffix] = group.split("^");
      const parts =
        index === 0
          ? [prefix, given, middle, family, suffix]
          : [family, given, middle, prefix, suffix];
      return parts.filter(Boolean).join(" ");
    })
    .filter((group) => group !== "")
    .join(" / ");
}

function dateOf(value: string | null): string | null {
  return value === null ? null : `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`;
}

interface Line {
  readonly text: string;
  readonly style: { readonly size: number; readonly indent?: number; readonly grey?: boolean };
}

/** What was found and what was not analysed, as far as the page goes. */
function writeFindings(page: Page, report: Report): void {
  const blocks = [
    ...report.findings.map(findingLines),
    ...report.unanalysed.map((one): Line[] => [{ text: notAnalysedStatement(one), style: BODY }]),
  ];
  for (const [index, block] of blocks.entries()) {
    const needed = block.reduce((sum, { text, style }) => sum + page.lines(text, style).length, 1);
    if (needed > page.room(HEADING.size, FOOT)) {
      page.write(`… and ${blocks.length - index} more: see the structured report.`, BODY);
      return;
    }
    for (const { text, style } of block) page.write(text, style);
    page.skip(4);
  }
}

function findingLines(finding: Finding): Line[] {
  const { result, title, seriesUid } = finding;
  const side = sideOf(result.laterality);
  return [
    { text: title, style: HEADING },
    ...finding.evaluations.map((one) => ({ text: evaluationLine(one), style: INDENTED })),
    ...(side === null ? [] : [{ text: `Side: ${side.meaning}`, style: INDENTED }]),
    ...statementsOf(result).map((text) => ({ text, style: INDENTED })),
    {
      text: `${result.model.id} ${result.model.version}, evidence ${result.model.evidence}; ${finding.images.length} images of series ${seriesUid}`,
      style: { ...SMALL, indent: 12 },
    },
  ];
}

function evaluationLine({ concept, value, probabilities }: Evaluation): string {
  const shares = probabilities
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, 4)
    .map(({ code, probability }) => `${code.meaning} ${(probability * 100).toFixed(1)} %`);
  return `${concept.meaning}: ${value.meaning} (${shares.join(", ")})`;
}

function writeFoot(page: Page, report: Report): void {
  page.toBottom(FOOT - 8);
  page.rule();
  page.write(
    `${OWN_MANUFACTURER}, ${report.issuedAt.toISOString()}, run ${report.runNumber} of the study. ` +
      "Probabilities are those of the model; the heat maps beside this report show what speaks for its label.",
    SMALL,
  );
}
