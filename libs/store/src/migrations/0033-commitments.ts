import { type Kysely, sql } from "kysely";

/**
 * Storage commitment that was asked of an archive for a delivery. Its report may come on an
 * association of the archive's own, at any gateway.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE commitment (
    transaction_uid text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    delivery_id text NOT NULL REFERENCES delivery ON DELETE CASCADE,
    failed integer,
    asked_at timestamptz NOT NULL DEFAULT now(),
    reported_at timestamptz
  )`,
  `CREATE INDEX commitment_delivery ON commitment (delivery_id, asked_at)`,
];
