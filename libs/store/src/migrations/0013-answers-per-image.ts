import { type Kysely, sql } from "kysely";

/**
 * A model may answer several times for one series: for each film of it, or for each side. `part`
 * tells those tasks of a run apart.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `ALTER TABLE task ADD COLUMN part integer NOT NULL DEFAULT 0`,
  `CREATE UNIQUE INDEX task_of_run ON task (run_id, series_id, model_id, part)`,
  `ALTER TABLE task DROP CONSTRAINT task_run_id_series_id_model_id_key`,
];
