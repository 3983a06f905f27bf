import { createHash } from "node:crypto";
import type { Report } from "./report.ts";

/** A UUID (RFC 9562, version 8) that is the same for the same words. */
export function stableUuid(...words: readonly string[]): string {
  const digest = createHash("sha256").update(words.join("\n")).digest("hex");
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`];
  return [...parts, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join("-");
}

/** What a report says, in few words: another content is another object. */
export function reportKey(report: Report): string {
  const said = [...report.findings, ...report.unanalysed].map(({ id }) => id);
  return [report.runId, String(report.complete), ...said].join(" ");
}
