import { heatmapLinks } from "../../views/heatmap-links.ts";
import type { Finding, Report } from "../report/report.ts";
import { stableUuid } from "../report/stable-ids.ts";
import { type Resource, reference } from "./fhir-types.ts";

const MEDIA_SYSTEM = "urn:axial:heat-map";

interface MediaContext {
  readonly report: Report;
  readonly patient: Resource;
  readonly study: Resource;
  readonly device: Resource;
  /** Address before the paths of links; null where it is not known: then nothing is linked. */
  readonly base: string | null;
}

/** The heat maps of a finding as R4 Media, which link to their pictures; a key is needed to read them. */
export function heatmapMedia(finding: Finding, context: MediaContext): Resource[] {
  const { report, patient, study, device, base } = context;
  if (base === null) return [];
  return heatmapLinks(report.studyUid, finding).map(({ slice, href }) => ({
    resourceType: "Media",
    id: stableUuid("heat map", finding.id, String(slice)),
    identifier: [
      { system: MEDIA_SYSTEM, value: stableUuid("heat map", finding.id, String(slice)) },
    ],
    status: "completed",
    partOf: [reference(study)],
    subject: reference(patient),
    createdDateTime: finding.createdAt.toISOString(),
    device: reference(device),
    content: {
      contentType: "image/png",
      url: `${base}${href}`,
      title: `Heat map: evidence for the most probable label, slice ${slice + 1}`,
    },
  }));
}
