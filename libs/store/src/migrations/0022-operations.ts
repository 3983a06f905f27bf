import { type Kysely, sql } from "kysely";

/**
 * What operators are told: the pool and version of each worker and how its clock differs, when
 * backups were made, and a row that probes write.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `ALTER TABLE worker ADD COLUMN pool text NOT NULL DEFAULT 'default',
    ADD COLUMN version text,
    ADD COLUMN clock_skew_seconds double precision NOT NULL DEFAULT 0`,
  `CREATE TABLE completed_backup (
    id text PRIMARY KEY,
    at timestamptz NOT NULL,
    rows bigint NOT NULL,
    blobs bigint NOT NULL,
    missing bigint NOT NULL
  )`,
  `CREATE INDEX completed_backup_at ON completed_backup (at)`,
  `CREATE TABLE write_probe (
    process text PRIMARY KEY,
    at timestamptz NOT NULL
  ) WITH (fillfactor = 10)`,
];
