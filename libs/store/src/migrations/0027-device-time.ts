import { type Kysely, sql } from "kysely";

/** What a device needs for an image, by model and provider: known to every replica at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`CREATE TABLE device_time (
      model_id text NOT NULL,
      provider text NOT NULL,
      seconds_per_image double precision NOT NULL,
      measured_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (model_id, provider)
    )`)
    .execute(db);
}
