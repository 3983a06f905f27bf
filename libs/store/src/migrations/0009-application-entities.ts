import { type Kysely, sql } from "kysely";

/**
 * Which DICOM application entities may send, and what becomes of what they send. A row without a
 * calling title stands for every caller of its called title; the one with it goes first.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE application_entity (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    called_title text NOT NULL CHECK (length(called_title) BETWEEN 1 AND 16),
    calling_title text CHECK (length(calling_title) BETWEEN 1 AND 16),
    lane text NOT NULL DEFAULT 'routine' CHECK (lane IN ('stat', 'routine', 'backfill')),
    models text[],
    close_on_release boolean NOT NULL DEFAULT false,
    host text,
    port integer CHECK (port BETWEEN 1 AND 65535),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (called_title, calling_title),
    CHECK ((host IS NULL) = (port IS NULL))
  )`,
  `CREATE INDEX application_entity_tenant ON application_entity (tenant_id)`,
];
