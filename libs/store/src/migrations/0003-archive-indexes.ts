import { type Kysely, sql } from "kysely";

/**
 * Indexes for the attributes that clients search studies by (PS3.18 Table 10.6.1-5). Names are
 * matched case-insensitively and with wildcards, so they are read row by row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE INDEX study_patient_id ON study (tenant_id, (tags #>> '{00100020,Value,0}'))`,
  `CREATE INDEX study_accession ON study (tenant_id, (tags #>> '{00080050,Value,0}'))`,
  `CREATE INDEX study_date
    ON study (tenant_id, ((tags #>> '{00080020,Value,0}') COLLATE "C"))`,
];
