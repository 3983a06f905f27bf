import { type Kysely, sql } from "kysely";

/** Readers' verdicts on predictions, for evaluating models: one per key and prediction. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE feedback (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    prediction_id text NOT NULL REFERENCES prediction ON DELETE CASCADE,
    key_id text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('agree', 'disagree', 'unsure')),
    label text,
    comment text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (prediction_id, key_id)
  )`,
  `CREATE INDEX feedback_newest ON feedback (tenant_id, id)`,
];
