import { type Kysely, sql } from "kysely";

/** Orders that an information system has announced, by accession number: which of them are STAT. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE imaging_order (
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    accession text NOT NULL,
    stat boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, accession)
  )`,
  `CREATE INDEX imaging_order_age ON imaging_order (received_at)`,
];
