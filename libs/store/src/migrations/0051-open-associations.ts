import { type Kysely, sql } from "kysely";

/**
 * Which associations are open that have sent instances of a study and will close it when they end:
 * only the last one does. A row whose gateway has not confirmed it for a while is of no account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE open_association (
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    association_id text NOT NULL,
    door_id text NOT NULL,
    broken boolean NOT NULL DEFAULT false,
    alive_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (association_id, study_id)
  )`,
  `CREATE INDEX open_association_study ON open_association (study_id)`,
];
