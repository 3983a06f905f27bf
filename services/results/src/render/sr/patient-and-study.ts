import type { Attributes } from "@axial/dicom";
import type { Report } from "../report/report.ts";
import { type CopiedVr, validText } from "../report/valid-values.ts";

/** Type 2 attributes of patient and study: copied, empty where the source names no valid one. */
const COPIED: readonly (readonly [keyword: string, tag: string, vr: CopiedVr])[] = [
  ["PatientName", "00100010", "PN"],
  ["PatientID", "00100020", "LO"],
  ["PatientBirthDate", "00100030", "DA"],
  ["StudyDate", "00080020", "DA"],
  ["StudyTime", "00080030", "TM"],
  ["AccessionNumber", "00080050", "SH"],
  ["ReferringPhysicianName", "00080090", "PN"],
  ["StudyID", "00200010", "SH"],
];
/** Enumerated values of PatientSex (PS3.3 section C.7.1.1). */
const SEXES = ["M", "F", "O"];

/** The patient and the study that the images belong to. */
export function patientAndStudy({ studyUid, tags }: Pick<Report, "studyUid" | "tags">): Attributes {
  const copied = COPIED.map(([keyword, tag, vr]) => [keyword, validText(tags, tag, vr) ?? ""]);
  const sex = validText(tags, "00100040", "CS") ?? "";
  const issuer = validText(tags, "00100021", "LO");
  const description = validText(tags, "00081030", "LO");
  return {
    StudyInstanceUID: studyUid,
    ...Object.fromEntries(copied),
    PatientSex: SEXES.includes(sex) ? sex : "",
    ...(issuer === null ? {} : { IssuerOfPatientID: issuer }),
    ...(description === null ? {} : { StudyDescription: description }),
  };
}

/**
 * ReferencedRequestSequence (0040,A370; PS3.3 section C.17.2): the requests that the images'
 * series answer, or else the one that the accession number names. Empty where there is none.
 */
export function referencedRequests({ studyUid, tags, requests }: Report): Attributes[] {
  const accession = validText(tags, "00080050", "SH");
  const named = requests.flatMap((request) => {
    const id = validText(request, "00401001", "SH");
    const own = validText(request, "00080050", "SH") ?? accession;
    const description = validText(request, "00321060", "LO");
    return id === null && own === null ? [] : [{ id, accession: own, description }];
  });
  const found =
    named.length > 0 || accession === null ? named : [{ id: null, accession, description: null }];
  const distinct = new Map(found.map((one) => [JSON.stringify(one), one]));
  return [...distinct.values()].map((request) => ({
    StudyInstanceUID: studyUid,
    ReferencedStudySequence: [],
    AccessionNumber: request.accession ?? "",
    PlacerOrderNumberImagingServiceRequest: "",
    FillerOrderNumberImagingServiceRequest: "",
    RequestedProcedureID: request.id ?? "",
    RequestedProcedureDescription: request.description ?? "",
    RequestedProcedureCodeSequence: [],
  }));
}
