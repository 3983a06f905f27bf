import { type Kysely, sql } from "kysely";

/** Until when a key is valid, and what it is for; null: for ever, for everything. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE api_key
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN lanes text[],
    ADD COLUMN models text[],
    ADD COLUMN ae_titles text[]`.execute(db);
}
