import { type Kysely, sql } from "kysely";

/**
 * Quotas of tenants, and what they have used. Stored bytes and instances are counted by triggers:
 * each statement adds a row of changes, so that writers never wait for each other, and `tenant_usage`
 * holds what was folded together. What Axial made itself does not count; what was deleted and is
 * kept for a while does.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

/** Counts the rows of `table` that `which` holds for, when they come and when they go. */
function counted(table: string, which: string): string[] {
  const change = (rows: string, sign: string) => `
      INSERT INTO tenant_usage_change (tenant_id, bytes, instances)
      SELECT tenant_id, ${sign}sum(bytes), ${sign}count(*) FROM ${rows} WHERE ${which}
      GROUP BY tenant_id;
      RETURN NULL;`;
  return [
    `CREATE FUNCTION count_stored_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN${change("added", "")}
    END $$`,
    `CREATE FUNCTION count_removed_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN${change("removed", "-")}
    END $$`,
    `CREATE TRIGGER count_stored AFTER INSERT ON ${table}
      REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_stored_${table}()`,
    `CREATE TRIGGER count_removed AFTER DELETE ON ${table}
      REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
      EXECUTE FUNCTION count_removed_${table}()`,
  ];
}

const STATEMENTS = [
  `ALTER TABLE tenant
    ADD COLUMN max_requests_per_minute integer,
    ADD COLUMN max_stored_bytes bigint,
    ADD COLUMN max_stored_instances bigint,
    ADD COLUMN max_pending_tasks integer,
    ADD COLUMN max_keys integer DEFAULT 1000,
    ADD COLUMN max_event_streams integer DEFAULT 64`,
  `CREATE TABLE tenant_usage (
    tenant_id text PRIMARY KEY,
    bytes numeric NOT NULL,
    instances bigint NOT NULL
  )`,
  `CREATE TABLE tenant_usage_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    bytes numeric NOT NULL,
    instances bigint NOT NULL
  )`,
  // Without it, instances that are stored meanwhile would be counted twice or not at all.
  `LOCK TABLE instance, deleted_instance IN SHARE ROW EXCLUSIVE MODE`,
  `INSERT INTO tenant_usage (tenant_id, bytes, instances)
    SELECT tenant_id, sum(bytes), count(*) FROM (
      SELECT tenant_id, bytes FROM instance WHERE own_run_id IS NULL
      UNION ALL SELECT tenant_id, bytes FROM deleted_instance) AS stored
    GROUP BY tenant_id`,
  ...counted("instance", "own_run_id IS NULL"),
  ...counted("deleted_instance", "true"),
  // Requests of the present minute: not worth a log, nor keeping over a crash.
  `CREATE UNLOGGED TABLE request_count (
    key text PRIMARY KEY,
    minute bigint NOT NULL,
    requests integer NOT NULL
  ) WITH (fillfactor = 50)`,
  `CREATE UNLOGGED TABLE login_failure (
    address text PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,
  // The roles of deploy/postgres/roles.sql, where a site uses them.
  `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'axial_archive') THEN
      GRANT SELECT, INSERT, UPDATE ON request_count, login_failure TO axial_archive;
    END IF;
  END $$`,
];
