import { refusalTitle } from "@axial/contracts";
import { LEFT_OUT, type LeftOutCode } from "../files/left-out.ts";
import type { SentPaths } from "../send/send-paths.ts";

/** Studies that are named; a report and `--json` have more. */
const SHOWN_STUDIES = 20;

/** The outcome of a transfer in sentences. */
export function sentLines(sent: SentPaths): string[] {
  const { items, studies, studyCount, tallies, listed, unclosed } = sent;
  const there = items.new + items.known;
  return [
    `${counted(there, "instance")} of ${counted(studyCount, "study", "studies")} stored, ` +
      `${items.refused} refused, ${counted(items["not-dicom"], "file")} not DICOM`,
    ...(items.known > 0 ? [`  ${items.new} new, ${items.known} known to the server`] : []),
    ...studies.slice(0, SHOWN_STUDIES).map((uid) => `  ${uid}`),
    ...more(studyCount - Math.min(studies.length, SHOWN_STUDIES), "studies"),
    ...tallies
      .filter(({ state, code }) => state !== "new" && state !== "known" && code !== "not-dicom")
      .map(({ state, code, items: count }) => `  ${count} ${state}: ${code} (${reason(code)})`),
    ...listed.map(({ name, code }) => `    ${name}: ${code}`),
    ...more(totalListed(sent) - listed.length, "items"),
    ...unclosed.map(({ study, code }) => `  not closed: ${study}: ${code}`),
  ];
}

function totalListed({ items }: SentPaths): number {
  return items.refused + items.failed + items.unreadable + items["not-dicom"];
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`    … and ${count} more ${what}: see --report`] : [];
}

function reason(code: string | null): string {
  if (code === null) return "";
  if (Object.hasOwn(LEFT_OUT, code)) return LEFT_OUT[code as LeftOutCode].text;
  return refusalTitle(code);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
