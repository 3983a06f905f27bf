import { type Kysely, sql } from "kysely";

/**
 * Archives that studies are pulled from, and the pulls: one row for a study until it is here or
 * given up. A backfill may list its studies from such a source; its items then keep the UID by
 * which the source knows them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE study_source (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('dimse', 'dicomweb')),
    target jsonb NOT NULL,
    parallel integer NOT NULL DEFAULT 2 CHECK (parallel BETWEEN 1 AND 16),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, name)
  )`,
  `CREATE TABLE pull (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    source_id text NOT NULL REFERENCES study_source ON DELETE CASCADE,
    backfill_id text REFERENCES backfill ON DELETE CASCADE,
    study_uid text NOT NULL,
    stored_uid text NOT NULL,
    lane text CHECK (lane IN ('stat', 'routine', 'backfill')),
    models text[],
    priors integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'waiting'
      CHECK (state IN ('waiting', 'done', 'failed', 'cancelled')),
    found integer,
    present integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
  )`,
  // The same request goes on with the pull that is not over.
  `CREATE UNIQUE INDEX pull_open ON pull (source_id, study_uid) WHERE state = 'waiting'`,
  `CREATE INDEX pull_page ON pull (tenant_id, id)`,
  `CREATE INDEX pull_backfill ON pull (backfill_id) WHERE backfill_id IS NOT NULL`,
  // A study that is still on its way is not closed for being quiet.
  `CREATE INDEX pull_stored ON pull (tenant_id, stored_uid) WHERE state = 'waiting'`,
  `ALTER TABLE backfill ADD COLUMN source_id text REFERENCES study_source ON DELETE SET NULL`,
  `ALTER TABLE backfill DROP CONSTRAINT backfill_source_check`,
  `ALTER TABLE backfill ADD CONSTRAINT backfill_source_check
    CHECK (source IN ('sent', 'stored', 'pulled')) NOT VALID`,
  `ALTER TABLE backfill VALIDATE CONSTRAINT backfill_source_check`,
  `ALTER TABLE backfill_item ADD COLUMN source_uid text`,
];
