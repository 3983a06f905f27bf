import { type Kysely, sql } from "kysely";

/**
 * Which keys were made from AXIAL_ADMIN_KEY: another value retires them. Until now they were told
 * by their name and by who made them, the system.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE api_key ADD COLUMN installation boolean NOT NULL DEFAULT false`.execute(db);
  await sql`
    UPDATE api_key SET installation = true
    WHERE tenant_id = 'default' AND name = 'admin' AND role = 'admin' AND id IN (
      SELECT target FROM audit WHERE action = 'key.create' AND key_id IS NULL)`.execute(db);
}
