import { type QueryExecutorProvider, sql } from "kysely";
import { jsonParameter } from "../json-parameter.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import { foldedName, gramsOf } from "./folded-name.ts";

/** PatientName and ReferringPhysicianName: what people look for studies by. */
const NAME_TAGS = ["00100010", "00080090"] as const;
export const PATIENT_NAME = "00100010";

/** Whose names: a study's, or those of another identity in it. */
export interface NamedStudy {
  readonly study: string;
  /** Empty for the study's own. */
  readonly identity: string;
  readonly tenant: string;
  readonly tags: TagSnapshot;
}

/** Stores the folded names of studies, replacing earlier ones. */
export async function keepNames(
  db: QueryExecutorProvider,
  named: readonly NamedStudy[],
): Promise<void> {
  const rows = named.flatMap(namesOf);
  if (rows.length === 0) return;
  await sql`
    INSERT INTO study_name (study_id, identity_id, tag, tenant_id, name, grams)
    SELECT study_id, identity_id, tag, tenant_id, name, grams
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS n(study_id text,
      identity_id text, tag text, tenant_id text, name text, grams text[])
    ON CONFLICT (study_id, tag, identity_id) DO UPDATE
      SET name = excluded.name, grams = excluded.grams`.execute(db);
}

function namesOf({ study, identity, tenant, tags }: NamedStudy): object[] {
  return NAME_TAGS.flatMap((tag) => {
    const value = tags[tag]?.Value?.[0];
    if (typeof value !== "object" || value === null) return [];
    const { Alphabetic, Ideographic, Phonetic } = value as Record<string, string>;
    const name = foldedName([Alphabetic, Ideographic, Phonetic]);
    if (!/[^=]/.test(name)) return [];
    const row = { study_id: study, identity_id: identity, tag, tenant_id: tenant };
    return [{ ...row, name, grams: gramsOf(name) }];
  });
}
