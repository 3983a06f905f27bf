import { type Kysely, sql } from "kysely";

/**
 * What becomes of a newer version of an instance (`tenant.newer_instance`), and what it takes to
 * restore a deleted one.
 *
 * `deleted_instance` also holds earlier versions that a newer one replaced: until their time is
 * over, or as long as their study, which `keep_until = 'infinity'` says. Rows of before have no
 * facts, and cannot be restored.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `ALTER TABLE tenant ADD COLUMN newer_instance text NOT NULL DEFAULT 'reject'
    CHECK (newer_instance IN ('reject', 'replace', 'keep-both'))`,
  `ALTER TABLE deleted_instance
    ADD COLUMN reason text NOT NULL DEFAULT 'deleted' CHECK (reason IN ('deleted', 'replaced')),
    ADD COLUMN kind text,
    ADD COLUMN facts jsonb,
    ADD COLUMN study_tags jsonb,
    ADD COLUMN series_tags jsonb,
    ADD COLUMN patient_tags jsonb`,
  `CREATE INDEX deleted_instance_study ON deleted_instance (tenant_id, study_uid)`,
  // Versions that are kept as long as their study go the way of its deleted instances after it.
  `CREATE FUNCTION let_versions_go() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE deleted_instance SET keep_until = now() + interval '7 days'
      WHERE tenant_id = OLD.tenant_id AND study_uid = OLD.study_uid AND keep_until = 'infinity';
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER let_versions_go AFTER DELETE ON study FOR EACH ROW
    EXECUTE FUNCTION let_versions_go()`,
];
