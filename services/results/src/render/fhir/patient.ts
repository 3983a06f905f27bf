import type { Report } from "../report/report.ts";
import { stableUuid } from "../report/stable-ids.ts";
import { firstText } from "../report/tag-values.ts";
import { isExistingDay } from "../report/valid-values.ts";
import type { Resource } from "./fhir-types.ts";

const V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203";
const OID = /^[0-2](\.(0|[1-9]\d*))+$/;
const URI = /^(https?:\/\/|urn:)\S+$/;
/** Whom a study is of: a number without its issuer is no identity. */
const PATIENT_OF_STUDY = "urn:axial:patient-of-study";
const GENDERS: Readonly<Record<string, string>> = { M: "male", F: "female", O: "other" };

/** The patient as named by the study's tags; nothing is invented for missing tags. */
export function patientOf({ tags, studyUid }: Report): Resource {
  const identifier = firstText(tags, "00100020");
  const issuer = firstText(tags, "00100021");
  const name = humanName(firstText(tags, "00100010"));
  const birthDate = fhirDate(firstText(tags, "00100030"));
  const sex = firstText(tags, "00100040");
  return {
    resourceType: "Patient",
    id: stableUuid("patient", studyUid),
    identifier: [
      ...(identifier === null ? [] : [patientIdentifier(identifier, issuer)]),
      { system: PATIENT_OF_STUDY, value: `urn:oid:${studyUid}` },
    ],
    ...(name === null ? {} : { name: [name] }),
    ...(birthDate === null ? {} : { birthDate }),
    ...(sex === null ? {} : { gender: GENDERS[sex] ?? "unknown" }),
  };
}

/** The number and its issuer: an OID or URI names a system, a word the organisation. */
export function patientIdentifier(value: string, issuer: string | null): object {
  const type = { coding: [{ system: V2_0203, code: "MR" }] };
  if (issuer === null) return { type, value };
  if (OID.test(issuer)) return { type, system: `urn:oid:${issuer}`, value };
  if (URI.test(issuer)) return { type, system: issuer, value };
  return { type, value, assigner: { display: issuer } };
}

/** PN: family, given, middle, prefix and suffix, parted by carets. */
function humanName(value: string | null): object | null {
  const [family = "", ...given] = (value?.split("=")[0] ?? "").split("^");
  const names = given.slice(0, 2).filter((name) => name !== "");
  if (family === "" && names.length === 0) return null;
  return { ...(family === "" ? {} : { family }), ...(names.length === 0 ? {} : { given: names }) };
}

/** DA to a FHIR date; null for an invalid date. */
export function fhirDate(value: string | null): string | null {
  const day = value?.trim() ?? "";
  return isExistingDay(day) ? `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}` : null;
}
