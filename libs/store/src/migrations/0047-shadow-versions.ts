import { type Kysely, sql } from "kysely";

/** A task may be a shadow: of a version that runs beside the one that answers, to be compared. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ["task", "refusal"]) {
    await sql
      .raw(
        `ALTER TABLE ${table} DROP CONSTRAINT ${table}_arm_check,
          ADD CONSTRAINT ${table}_arm_check CHECK (arm IN ('stable', 'canary', 'shadow')) NOT VALID`,
      )
      .execute(db);
    await sql.raw(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_arm_check`).execute(db);
  }
}
