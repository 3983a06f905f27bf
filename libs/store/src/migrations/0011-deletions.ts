import { type Kysely, sql } from "kysely";

/**
 * Instances that were deleted: gone from everything that reads, their files kept until
 * `keep_until`. Their blobs are fenced as those of instances are (0006-retention).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE deleted_instance (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    study_uid text NOT NULL,
    series_uid text NOT NULL,
    sop_instance_uid text NOT NULL,
    blob text NOT NULL,
    bytes bigint NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    keep_until timestamptz NOT NULL
  )`,
  `CREATE INDEX deleted_instance_due ON deleted_instance (keep_until)`,
  `CREATE INDEX deleted_instance_blob ON deleted_instance USING hash (blob)`,
  `CREATE FUNCTION condemn_blobs_deleted_instance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO blob_tombstone (key, bytes)
      SELECT blob, max(bytes) FROM changed GROUP BY blob ORDER BY blob
      ON CONFLICT (key) DO UPDATE SET condemned_at = now(), deleting_at = NULL,
        deleted_at = NULL, bytes = excluded.bytes;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER condemn_blobs AFTER DELETE ON deleted_instance
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION condemn_blobs_deleted_instance()`,
];
