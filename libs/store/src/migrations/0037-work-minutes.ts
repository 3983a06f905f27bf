import { type Kysely, sql } from "kysely";

/**
 * What was done and what waited, by minute, for the console's charts; lanes that an operator
 * paused; and an index of series by site. `latency` counts results by how long they took, in the buckets of `history/latency.ts`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE work_minute (
    minute timestamptz NOT NULL,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    lane text NOT NULL,
    model_id text NOT NULL,
    waiting integer NOT NULL,
    running integer NOT NULL,
    oldest_seconds double precision NOT NULL,
    results integer NOT NULL,
    batches integer NOT NULL,
    batch_images integer NOT NULL,
    latency integer[] NOT NULL,
    PRIMARY KEY (minute, tenant_id, lane, model_id)
  )`,
  `CREATE INDEX series_site ON series ((tags #>> '{00080080,Value,0}'))`,
  `CREATE TABLE work_sample (minute timestamptz PRIMARY KEY)`,
  `CREATE TABLE paused_lane (
    lane text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now()
  )`,
];
