import { type Kysely, sql } from "kysely";

/**
 * Retention, legal hold, and the fence between writers that refer to a blob and its collector.
 *
 * Deleting a row condemns its blobs; a blob is collected only while it is condemned; and a row that
 * refers to a condemned blob is inserted only after the writer has checked that the blob is there
 * and withdrawn the condemnation. The rules are triggers, so that they bind every writer, including
 * those of the previous version during a rollout.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

/** The heat-map blob of a prediction: one for all its slices. */
const HEATMAP = `(jsonb_path_query_first(result, '$.slices[*].heatmap') #>> '{}')`;

/** Which keys a row of each table refers to, for a row named `r`. */
const REFERENCES = {
  instance: "SELECT r.blob AS key, r.bytes FROM changed r",
  task: "SELECT r.manifest AS key, 0::bigint AS bytes FROM changed r",
  prediction: `SELECT r.result_blob AS key, 0::bigint AS bytes FROM changed r UNION ALL
    SELECT ${HEATMAP} AS key, 0::bigint AS bytes FROM changed r`,
} as const;

const fence = (table: keyof typeof REFERENCES) => [
  `CREATE FUNCTION refuse_condemned_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM (${REFERENCES[table]}) AS used
        JOIN blob_tombstone USING (key)) THEN
        RAISE EXCEPTION 'a blob that a row refers to is condemned' USING ERRCODE = 'AX001';
      END IF;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER refuse_condemned AFTER INSERT ON ${table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_condemned_${table}()`,
  `CREATE FUNCTION condemn_blobs_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO blob_tombstone (key, bytes)
      SELECT key, max(bytes) FROM (${REFERENCES[table]}) AS used
      WHERE key IS NOT NULL GROUP BY key ORDER BY key
      ON CONFLICT (key) DO UPDATE SET condemned_at = now(), deleting_at = NULL,
        deleted_at = NULL, bytes = excluded.bytes;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER condemn_blobs AFTER DELETE ON ${table}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION condemn_blobs_${table}()`,
];

const STATEMENTS = [
  `ALTER TABLE tenant
    ADD COLUMN keep_images_days integer CHECK (keep_images_days > 0),
    ADD COLUMN keep_studies_days integer CHECK (keep_studies_days > 0),
    ADD COLUMN keep_superseded_days integer CHECK (keep_superseded_days > 0),
    ADD COLUMN keep_audit_days integer CHECK (keep_audit_days > 0),
    ADD COLUMN keep_deliveries_days integer CHECK (keep_deliveries_days > 0) DEFAULT 90,
    ADD COLUMN max_image_bytes bigint CHECK (max_image_bytes >= 0)`,
  `ALTER TABLE study
    ADD COLUMN hold_since timestamptz,
    ADD COLUMN hold_reason text,
    ADD COLUMN images_removed_at timestamptz,
    ADD COLUMN image_bytes bigint,
    ADD COLUMN images_measured_at timestamptz`,
  `CREATE INDEX study_finished ON study (tenant_id, completed_at)
    WHERE state IN ('complete', 'cancelled')`,
  `CREATE INDEX run_superseding ON run (study_id) WHERE number > 1`,
  `CREATE INDEX delivery_study ON delivery (study_id)`,
  `CREATE INDEX delivery_run ON delivery (run_id)`,
  `CREATE INDEX audit_by_time ON audit (tenant_id, at)`,
  // Dependants of a study are deleted with its runs; these would read whole tables per series.
  `ALTER TABLE task DROP CONSTRAINT task_series_id_fkey`,
  `ALTER TABLE refusal DROP CONSTRAINT refusal_series_id_fkey`,
  `ALTER TABLE refusal DROP CONSTRAINT refusal_task_id_fkey`,
  `CREATE TABLE blob_tombstone (
    key text PRIMARY KEY,
    bytes bigint NOT NULL DEFAULT 0,
    condemned_at timestamptz NOT NULL DEFAULT now(),
    deleting_at timestamptz,
    deleted_at timestamptz
  )`,
  `CREATE INDEX blob_tombstone_due ON blob_tombstone (condemned_at) WHERE deleted_at IS NULL`,
  `CREATE INDEX blob_tombstone_done ON blob_tombstone (deleted_at) WHERE deleted_at IS NOT NULL`,
  `CREATE TABLE blob_hold (
    id text PRIMARY KEY,
    until timestamptz NOT NULL
  )`,
  `CREATE TABLE sweep (
    name text PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT now(),
    place integer NOT NULL DEFAULT 0
  )`,
  `CREATE INDEX task_manifest ON task USING hash (manifest)`,
  `CREATE INDEX prediction_result_blob ON prediction USING hash (result_blob)`,
  `CREATE INDEX prediction_heatmap ON prediction USING hash (${HEATMAP})`,
  ...fence("instance"),
  ...fence("task"),
  ...fence("prediction"),
];
