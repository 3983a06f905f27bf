import { type Kysely, sql } from "kysely";

/**
 * Backfills and their items, a study each. An item outlives its study, which retention may remove:
 * `study_uid` names it, and nothing refers to its row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE backfill (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name text NOT NULL,
    source text NOT NULL CHECK (source IN ('sent', 'stored')),
    source_key text,
    filter jsonb NOT NULL DEFAULT '{}',
    models text[],
    state text NOT NULL DEFAULT 'running'
      CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
    listed boolean NOT NULL DEFAULT false,
    listed_after text,
    time_window text,
    time_zone text NOT NULL DEFAULT 'UTC',
    rate_per_minute integer CHECK (rate_per_minute > 0),
    rate_tokens double precision NOT NULL DEFAULT 0,
    rate_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
  )`,
  `CREATE INDEX backfill_active ON backfill (id) WHERE state = 'running'`,
  `CREATE INDEX backfill_tenant ON backfill (tenant_id, id)`,
  // The same command goes on: one unfinished backfill of a source.
  `CREATE UNIQUE INDEX backfill_source ON backfill (tenant_id, source_key)
    WHERE source_key IS NOT NULL AND state IN ('running', 'paused')`,
  `CREATE TABLE backfill_item (
    id text PRIMARY KEY,
    backfill_id text NOT NULL REFERENCES backfill ON DELETE CASCADE,
    tenant_id text NOT NULL,
    study_uid text NOT NULL,
    state text NOT NULL CHECK (state IN
      ('waiting', 'sent', 'running', 'done', 'refused', 'failed', 'skipped')),
    code text,
    attempts integer NOT NULL DEFAULT 0,
    whole boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (backfill_id, study_uid)
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX backfill_item_page ON backfill_item (backfill_id, id)`,
  `CREATE INDEX backfill_item_state ON backfill_item (backfill_id, state, id)`,
  `CREATE INDEX backfill_item_finished ON backfill_item (backfill_id, finished_at)
    WHERE finished_at IS NOT NULL`,
  `CREATE INDEX backfill_item_slowest ON backfill_item (backfill_id, (finished_at - started_at))
    WHERE finished_at IS NOT NULL AND started_at IS NOT NULL`,
  // Studies that a backfill will close in its turn are not closed for being quiet.
  `CREATE INDEX backfill_item_study ON backfill_item (tenant_id, study_uid)
    WHERE state IN ('waiting', 'sent')`,
];
