import { type Kysely, sql } from "kysely";

/**
 * De-identification at ingest, per tenant. Each has a secret of its own from the start, 244 random
 * bits by PostgreSQL's strong generator, so that switching it off and on changes no identity.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE tenant
      ADD COLUMN deidentify text NOT NULL DEFAULT 'off'
        CHECK (deidentify IN ('off', 'modified-dates', 'full-dates')),
      ADD COLUMN deidentify_key bytea NOT NULL
        DEFAULT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
      ADD COLUMN deidentify_regions jsonb NOT NULL DEFAULT '[]'`.execute(db);
}
