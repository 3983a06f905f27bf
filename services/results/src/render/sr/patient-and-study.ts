import type { Report } from "../report/report.ts";
import { firstText } from "../report/tag-values.ts";
import type { Attributes } from "./write-dicom.ts";

/** Type 2 attributes of patient and study: copied, empty where the source names none. */
const COPIED = [
  ["PatientName", "00100010"],
  ["PatientID", "00100020"],
  ["PatientBirthDate", "00100030"],
  ["PatientSex", "00100040"],
  ["StudyDate", "00080020"],
  ["StudyTime", "00080030"],
  ["AccessionNumber", "00080050"],
  ["ReferringPhysicianName", "00080090"],
  ["StudyID", "00200010"],
] as const;

/** The patient and the study that the images belong to. */
export function patientAndStudy({ studyUid, tags }: Report): Attributes {
  const copied = COPIED.map(([keyword, tag]) => [keyword, firstText(tags, tag) ?? ""]);
  const issuer = firstText(tags, "00100021");
  const description = firstText(tags, "00081030");
  return {
    StudyInstanceUID: studyUid,
    ...Object.fromEntries(copied),
    ...(issuer === null ? {} : { IssuerOfPatientID: issuer }),
    ...(description === null ? {} : { StudyDescription: description }),
  };
}
