import { type Kysely, sql } from "kysely";

/**
 * Reports of storage commitment that a peer is owed, kept from its request until it has taken one;
 * and how an application entity is spoken to and which policy its instances follow.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE commitment_report (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    called_title text NOT NULL,
    calling_title text NOT NULL,
    transaction_uid text NOT NULL,
    instances jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, calling_title, called_title, transaction_uid)
  )`,
  `CREATE INDEX commitment_report_due ON commitment_report (not_before)`,
  `ALTER TABLE application_entity ADD COLUMN tls jsonb`,
  `ALTER TABLE application_entity ADD COLUMN newer_instance text
    CHECK (newer_instance IN ('reject', 'replace', 'keep-both'))`,
];
