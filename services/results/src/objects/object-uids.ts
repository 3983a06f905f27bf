import type { OwnInstance } from "@axial/store/own";
import { ENCAPSULATED_PDF } from "../render/pdf/render-encapsulated-pdf.ts";
import type { ImageRef, Report } from "../render/report/report.ts";
import { SECONDARY_CAPTURE } from "../render/sr/heatmap-references.ts";
import { COMPREHENSIVE_3D_SR, srUid } from "../render/sr/render-sr.ts";

interface Made {
  readonly report: Report;
  /** What was made of the study, in that order. */
  readonly own: readonly OwnInstance[];
}

/** The report that this one replaces: the last that was made before it; null for the first. */
export function predecessorOf({ report, own }: Made): ImageRef | null {
  const reports = own.filter(({ sopClassUid }) => sopClassUid === COMPREHENSIVE_3D_SR);
  const at = reports.findIndex(({ sopInstanceUid }) => sopInstanceUid === srUid(report));
  const before = at === -1 ? reports.at(-1) : reports[at - 1];
  return before === undefined ? null : { ...before, frame: null };
}

/** What an object is, by its SOP class. */
export const FORMAT_OF_CLASS = {
  [COMPREHENSIVE_3D_SR]: "sr",
  [SECONDARY_CAPTURE]: "heatmaps",
  [ENCAPSULATED_PDF]: "pdf",
} as const;
