import { type Kysely, sql } from "kysely";

/**
 * Where a study, its runs and its tasks belong in a trace (W3C `traceparent`): the way leads through
 * these rows, and a restart must not break it. Null without tracing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `ALTER TABLE study ADD COLUMN trace_parent text`,
  `ALTER TABLE run ADD COLUMN trace_parent text`,
  `ALTER TABLE task ADD COLUMN trace_parent text`,
];
