import { type Kysely, sql } from "kysely";
import { keepNames } from "../patients/study-names.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";

/**
 * Who a study's patient is, and how people find them.
 *
 * `study_identity` holds the patients of a study beside the first, where its instances contradict
 * each other; `study_name` the names folded by us, with the pieces that an index finds them by:
 * apart from the study, whose row changes with each arrival.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  await nameAll(db);
  await sql.raw(`CREATE INDEX study_name_grams ON study_name USING gin (grams)`).execute(db);
}

const LEGACY_DATE = String.raw`^(\d{4})\.(\d{2})\.(\d{2})$`;
const dateMended = (tag: string) => `
  UPDATE study SET tags = jsonb_set(tags, '{${tag},Value,0}',
    to_jsonb(regexp_replace(tags #>> '{${tag},Value,0}', '${LEGACY_DATE}', '\\1\\2\\3')))
  WHERE tags #>> '{${tag},Value,0}' ~ '${LEGACY_DATE}'`;

const STATEMENTS = [
  `CREATE TABLE study_identity (
    id text PRIMARY KEY,
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    tenant_id text NOT NULL,
    digest text NOT NULL,
    tags jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    UNIQUE (study_id, digest)
  )`,
  `CREATE INDEX study_identity_open ON study_identity (tenant_id) WHERE resolved_at IS NULL`,
  `ALTER TABLE instance ADD COLUMN identity_id text`,
  `CREATE INDEX instance_identity ON instance (identity_id) WHERE identity_id IS NOT NULL`,
  `CREATE TABLE study_name (
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    tag text NOT NULL,
    identity_id text NOT NULL DEFAULT '',
    tenant_id text NOT NULL,
    name text NOT NULL,
    grams text[] NOT NULL,
    PRIMARY KEY (study_id, tag, identity_id)
  )`,
  // A PNG has no place in an archive of DICOM; deep pages read nothing but this index.
  `ALTER TABLE study ADD COLUMN dicom boolean NOT NULL DEFAULT true`,
  `UPDATE study SET dicom = false WHERE EXISTS (SELECT FROM instance
    WHERE instance.study_id = study.id AND instance.kind = 'image')`,
  `CREATE INDEX study_archive ON study (tenant_id, id) WHERE dicom AND instance_count > 0`,
  ...["00080020", "00100030"].map(dateMended),
];

/** Studies whose names are folded in one statement. */
const BATCH = 2_000;

async function nameAll(db: Kysely<unknown>): Promise<void> {
  for (let last = ""; ; ) {
    const { rows } = await sql<{ study: string; tenant: string; tags: TagSnapshot }>`
      SELECT id AS study, tenant_id AS tenant, tags FROM study WHERE id > ${last}
      ORDER BY id LIMIT ${BATCH}`.execute(db);
    await keepNames(
      db,
      rows.map((row) => ({ ...row, identity: "" })),
    );
    last = rows.at(-1)?.study ?? "";
    if (rows.length < BATCH) return;
  }
}
