import { type Kysely, sql } from "kysely";

/**
 * Indexes for the views. Ids begin with their time of creation, so an index by id pages through
 * rows newest first.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE INDEX study_newest ON study (tenant_id, id)`,
  `CREATE INDEX prediction_newest ON prediction (tenant_id, id)`,
  `CREATE INDEX prediction_label ON prediction (tenant_id, label, id)`,
  `CREATE INDEX prediction_study ON prediction (study_id)`,
  `CREATE INDEX prediction_by_time ON prediction (created_at)`,
];
