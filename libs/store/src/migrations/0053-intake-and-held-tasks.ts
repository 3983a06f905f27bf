import { type Kysely, sql } from "kysely";

/**
 * How full the gateways found what intake is limited by, for those who look at the installation;
 * and how many tasks of each lane a worker said it holds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE intake_level (
    name text PRIMARY KEY,
    what text NOT NULL,
    level double precision NOT NULL,
    disk_size bigint,
    disk_free bigint,
    read_at timestamptz NOT NULL DEFAULT now()
  )`,
  "ALTER TABLE worker ADD COLUMN held jsonb NOT NULL DEFAULT '{}'",
];
