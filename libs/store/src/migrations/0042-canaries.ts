import { type Kysely, sql } from "kysely";

/**
 * Model versions side by side: two of one model in a run, a canary beside the version in use, and
 * backfills of a manifest, whose items a client lists.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // No row: the newest version. `percent` of 100 live studies get the canary.
  `CREATE TABLE canary (
    model_id text PRIMARY KEY,
    stable_version text NOT NULL,
    canary_version text CHECK (canary_version <> stable_version),
    percent integer CHECK (percent BETWEEN 1 AND 99),
    since timestamptz NOT NULL DEFAULT now(),
    CHECK ((canary_version IS NULL) = (percent IS NULL))
  )`,
  `ALTER TABLE task ADD COLUMN arm text CHECK (arm IN ('stable', 'canary'))`,
  `ALTER TABLE refusal ADD COLUMN model_version text,
    ADD COLUMN arm text CHECK (arm IN ('stable', 'canary'))`,
  // What each arm answered, without a look at all the rest.
  `CREATE INDEX task_arm ON task (model_id, arm, created_at) WHERE arm IS NOT NULL`,
  `CREATE INDEX refusal_arm ON refusal (model_id, arm, created_at) WHERE arm IS NOT NULL`,
  `CREATE UNIQUE INDEX task_version_of_run
    ON task (run_id, series_id, model_id, model_version, part)`,
  `DROP INDEX task_of_run`,
  `ALTER TABLE backfill ADD COLUMN manifest boolean NOT NULL DEFAULT false`,
];
