import type { DicomJson, DicomJsonAttribute } from "@axial/dicom";
import {
  type Found,
  type FoundInstance,
  type FoundSeries,
  type FoundStudy,
  KEPT_SERIES_ATTRIBUTES,
  KEPT_STUDY_ATTRIBUTES,
  type SearchLevel,
} from "@axial/store/search";

/** Attributes that every result has, empty where nothing is known (PS3.18 Tables 10.6.3-3 to -5). */
const ALWAYS: Readonly<Record<SearchLevel, readonly string[]>> = {
  study: [
    ...["00080020", "00080030", "00080050", "00080090", "00100010"],
    ...["00100020", "00100030", "00100040", "00200010"],
  ],
  series: ["00200011"],
  instance: [],
};

/** Attributes that a result has where they are known. */
const IF_KNOWN: Readonly<Record<SearchLevel, readonly string[]>> = {
  study: ["00080201"],
  series: ["0008103E", "00400244", "00400245", "00400275"],
  instance: [],
};

const UTF8: DicomJsonAttribute = { vr: "CS", Value: ["ISO_IR 192"] };
const ONLINE: DicomJsonAttribute = { vr: "CS", Value: ["ONLINE"] };

/** What a search of `level` answers. */
interface ResultRequest {
  readonly level: SearchLevel;
  /** False where the path names the study: the caller knows its attributes. */
  readonly withStudy: boolean;
  readonly withSeries: boolean;
  /** Tags that were matched or asked for. */
  readonly include: ReadonlySet<string>;
  readonly includeAll: boolean;
  /** Where DICOMweb is mounted, for RetrieveURL. */
  readonly base: string;
}

/** One result in the DICOM JSON model, its attributes in the order of their tags. */
export function resultJson<Level extends SearchLevel>(
  found: Found[Level],
  request: ResultRequest & { readonly level: Level },
): DicomJson {
  const { level, base } = request;
  const url = retrieveUrl(found, base);
  const own = {
    "00080005": UTF8,
    "00080056": ONLINE,
    "00081190": { vr: "UR", Value: [url] },
    ...studyJson(found, request),
    ...(level === "study" ? {} : seriesJson(found as FoundSeries, request)),
    ...(level === "instance" ? instanceJson(found as FoundInstance, request) : {}),
  };
  return Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function retrieveUrl(found: FoundStudy | FoundSeries | FoundInstance, base: string): string {
  const series = "series_uid" in found ? `/series/${found.series_uid}` : "";
  const instance = "sop_instance_uid" in found ? `/instances/${found.sop_instance_uid}` : "";
  return `${base}/studies/${found.study_uid}${series}${instance}`;
}

function studyJson(found: FoundStudy, request: ResultRequest): DicomJson {
  const { study_uid, study_tags } = found;
  const computed: DicomJson = {
    "00080061": values("CS", found.modalities),
    "00201206": values("IS", [found.study_series]),
    "00201208": values("IS", [found.study_instances]),
  };
  const kept = { tags: study_tags, vrs: KEPT_STUDY_ATTRIBUTES, level: "study" } as const;
  const always = { "0020000D": values("UI", [study_uid]) };
  const full = request.level === "study" || request.withStudy;
  return {
    ...always,
    ...keptJson(kept, request, full),
    ...(full ? computed : selected(computed, request)),
  };
}

function seriesJson(found: FoundSeries, request: ResultRequest): DicomJson {
  const computed: DicomJson = {
    "00080060": values("CS", found.modality === null ? [] : [found.modality]),
    "00201209": values("IS", [found.series_instances]),
  };
  const kept = {
    tags: found.series_tags,
    vrs: KEPT_SERIES_ATTRIBUTES,
    level: "series",
  } as const;
  const full = request.level === "series" || request.withSeries;
  const timezone = found.study_tags["00080201"];
  return {
    "0020000E": values("UI", [found.series_uid]),
    ...(timezone ? { "00080201": timezone } : {}),
    ...keptJson(kept, request, full),
    ...(full ? computed : selected(computed, request)),
  };
}

function instanceJson({ facts, ...found }: FoundInstance, request: ResultRequest): DicomJson {
  const { instanceNumber, rows, columns, bitsAllocated, frames } = facts;
  const known = (vr: string, tag: string, value: number | null | undefined): DicomJson =>
    typeof value === "number" ? { [tag]: values(vr, [value]) } : {};
  return {
    "00080016": values("UI", [found.sop_class_uid]),
    "00080018": values("UI", [found.sop_instance_uid]),
    "00200013": values("IS", instanceNumber === null ? [] : [instanceNumber]),
    ...known("US", "00280010", rows),
    ...known("US", "00280011", columns),
    ...known("US", "00280100", bitsAllocated),
    ...(frames > 1 ? known("IS", "00280008", frames) : {}),
    ...selected({ "00083002": values("UI", [found.transfer_syntax]) }, request),
  };
}

interface Kept {
  readonly tags: DicomJson;
  readonly vrs: Readonly<Record<string, string>>;
  readonly level: SearchLevel;
}

/** Kept attributes: the required ones when the level is answered in full, and those asked for. */
function keptJson({ tags, vrs, level }: Kept, request: ResultRequest, full: boolean): DicomJson {
  const required = full ? ALWAYS[level] : [];
  const empty = Object.fromEntries(required.map((tag) => [tag, { vr: vrs[tag] ?? "UN" }]));
  const wanted = Object.entries(tags).filter(
    ([tag]) =>
      (full && (ALWAYS[level].includes(tag) || IF_KNOWN[level].includes(tag))) ||
      isSelected(tag, request),
  );
  return { ...empty, ...Object.fromEntries(wanted) };
}

function selected(json: DicomJson, request: ResultRequest): DicomJson {
  return Object.fromEntries(Object.entries(json).filter(([tag]) => isSelected(tag, request)));
}

function isSelected(tag: string, { include, includeAll }: ResultRequest): boolean {
  return includeAll || include.has(tag);
}

function values(vr: string, Value: readonly unknown[]): DicomJsonAttribute {
  return Value.length === 0 ? { vr } : { vr, Value };
}
