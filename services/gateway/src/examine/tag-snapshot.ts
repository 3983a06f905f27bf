import { attributeJson, type DataSet, dictionaryEntry, numberStringJson } from "@axial/dicom";
import type { TagSnapshot } from "@axial/store/ingest";

/** Patient and study attributes that searches and reports name (PS3.18 Table 10.6.3-3). */
const STUDY_TAGS = [
  0x0008_0020, 0x0008_0030, 0x0008_0050, 0x0008_0090, 0x0008_0201, 0x0008_1030, 0x0010_0010,
  0x0010_0020, 0x0010_0021, 0x0010_0030, 0x0010_0040, 0x0010_1010, 0x0020_0010,
];

/** PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, PatientSex. */
const PATIENT_TAGS = [0x0010_0010, 0x0010_0020, 0x0010_0021, 0x0010_0030, 0x0010_0040];

/** Series attributes that searches and reports name (PS3.18 Table 10.6.3-4), and InstitutionName. */
const SERIES_TAGS = [
  0x0008_0021, 0x0008_0031, 0x0008_0060, 0x0008_0070, 0x0008_0080, 0x0008_103e, 0x0008_1090,
  0x0018_0015, 0x0018_1030, 0x0020_0011, 0x0020_0052, 0x0020_0060, 0x0040_0244, 0x0040_0245,
];

/** A longer value is not a name, number or description; it is cut. */
const MAX_VALUE_CHARACTERS = 1_024;

/** The patient that the instance names. */
export const patientTags = (dataset: DataSet): TagSnapshot => snapshot(dataset, PATIENT_TAGS);
export const studyTags = (dataset: DataSet): TagSnapshot => snapshot(dataset, STUDY_TAGS);
export const seriesTags = (dataset: DataSet): TagSnapshot => ({
  ...snapshot(dataset, SERIES_TAGS),
  ...requestAttributes(dataset),
});

/**
 * Which requests the series answers: RequestAttributesSequence (0040,0275), when it is no novel.
 */
function requestAttributes(dataset: DataSet): TagSnapshot {
  const element = dataset.elements.get(0x0040_0275);
  if (element === undefined || element.length > MAX_SEQUENCE_BYTES) return {};
  const json = attributeJson(dataset, element.tag);
  return json?.Value ? { "00400275": { vr: "SQ", Value: json.Value } } : {};
}

/** A few requests with their codes have one or two kilobytes. */
const MAX_SEQUENCE_BYTES = 16_384;

/** The elements of `tags` that are present, as DICOM JSON (PS3.18 F.2). */
function snapshot(dataset: DataSet, tags: readonly number[]): TagSnapshot {
  const entries = tags.flatMap((tag) => {
    const text = dataset.text(tag);
    if (text === null) return [];
    const vr = dictionaryEntry(tag)?.vr ?? "LO";
    const Value = text
      .slice(0, MAX_VALUE_CHARACTERS)
      .toWellFormed()
      .split("\\")
      .map((value) => jsonValue(vr, value));
    return [[tag.toString(16).padStart(8, "0").toUpperCase(), { vr, Value }] as const];
  });
  return Object.fromEntries(entries);
}

/** Dates in ACR-NEMA's form, which preceded DICOM (PS3.5 Table 6.2-1). */
const LEGACY_DATE = /^(\d{4})\.(\d{2})\.(\d{2})$/;

function jsonValue(vr: string, value: string): unknown {
  if (vr === "IS" || vr === "DS") return numberStringJson(vr, value.trim());
  if (vr === "DA") return value.replace(LEGACY_DATE, "$1$2$3");
  return vr === "PN" ? personName(value) : value;
}

function personName(value: string): object {
  const [alphabetic, ideographic, phonetic] = value.split("=");
  return {
    ...(alphabetic ? { Alphabetic: alphabetic } : {}),
    ...(ideographic ? { Ideographic: ideographic } : {}),
    ...(phonetic ? { Phonetic: phonetic } : {}),
  };
}
