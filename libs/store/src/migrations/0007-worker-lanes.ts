import { type Kysely, sql } from "kysely";

/** Which lanes a worker serves; null, from the previous version, means every lane. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`ALTER TABLE worker ADD COLUMN lanes text[] NOT NULL DEFAULT '{stat,routine,backfill}'`)
    .execute(db);
}
