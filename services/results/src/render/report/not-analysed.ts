import type { CodedConcept } from "@axial/contracts";
import { OWN_SCHEME } from "./codes.ts";
import type { Unanalysed } from "./report.ts";

const own = (value: string, meaning: string): CodedConcept => ({
  scheme: OWN_SCHEME,
  value,
  meaning,
});

/** How it is coded that something was not analysed, and why. */
export const NOT_ANALYSED = {
  status: own("analysis", "Analysis"),
  value: own("not-analysed", "Not analysed"),
  reason: own("reason", "Reason"),
};

/** The same in words, for people. */
export function notAnalysedStatement({ model, title }: Unanalysed): string {
  const by = model === null ? "" : ` by ${model}`;
  return `Not analysed${by}, because: ${title}`;
}
