import { createHash } from "node:crypto";
import type { TagSnapshot } from "../tag-snapshot.ts";

/** PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, PatientSex. */
export const IDENTITY_TAGS = ["00100010", "00100020", "00100021", "00100030", "00100040"] as const;

/** What tells patients apart; an empty value is null. */
export interface Identity {
  readonly id: string | null;
  readonly issuer: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
}

/** DICOM keywords of the facts of an identity. */
export const IDENTITY_FACTS: Readonly<Record<keyof Identity, string>> = {
  id: "PatientID",
  issuer: "IssuerOfPatientID",
  birthDate: "PatientBirthDate",
  sex: "PatientSex",
};

const SEXES = ["M", "F", "O"];

export function identityOf(tags: TagSnapshot): Identity {
  const sex = textOf(tags, "00100040")?.toUpperCase() ?? null;
  const birthDate = textOf(tags, "00100030")?.replace(/^(\d{4})\.(\d{2})\.(\d{2})$/, "$1$2$3");
  return {
    id: textOf(tags, "00100020"),
    issuer: textOf(tags, "00100021"),
    birthDate: birthDate !== undefined && /^\d{8}$/.test(birthDate) ? birthDate : null,
    sex: sex !== null && SEXES.includes(sex) ? sex : null,
  };
}

function textOf(tags: TagSnapshot, tag: string): string | null {
  const value = tags[tag]?.Value?.[0];
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? null : text;
}

/** The facts in which two identities contradict each other; a missing fact contradicts nothing. */
export function contradictions(a: Identity, b: Identity): (keyof Identity)[] {
  const facts = Object.keys(IDENTITY_FACTS) as (keyof Identity)[];
  return facts.filter((fact) => a[fact] !== null && b[fact] !== null && a[fact] !== b[fact]);
}

/** The identity tags in `tags` that are not empty. */
export function identityTags(tags: TagSnapshot): TagSnapshot {
  return Object.fromEntries(
    IDENTITY_TAGS.flatMap((tag) => {
      const element = tags[tag];
      return element?.Value?.some((value) => value !== "" && value !== null) === true
        ? [[tag, element] as const]
        : [];
    }),
  );
}

/** The same for the same facts. */
export function identityDigest(identity: Identity): string {
  const facts = [identity.id, identity.issuer, identity.birthDate, identity.sex];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}
