import { type Kysely, sql } from "kysely";

/**
 * How models do in production. `quality_count` has, for each hour, model, site and scanner, how many
 * results fell into each bin of each figure (`QUALITY_FIGURES` of the contracts, and 0 or 1 for
 * `out-of-domain`, `indeterminate` and `refused`). Sites and scanners have ids of their own
 * (`quality_name`): their names are text of DICOM, and metrics have none of it. `quality_progress`
 * says up to when results have been counted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE quality_name (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('site', 'scanner')),
    name text NOT NULL,
    UNIQUE (tenant_id, kind, name)
  )`,
  `CREATE TABLE quality_count (
    hour timestamptz NOT NULL,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    model_id text NOT NULL,
    model_version text NOT NULL,
    site text NOT NULL,
    scanner text NOT NULL,
    figure text NOT NULL,
    bin integer NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (hour, tenant_id, model_id, model_version, site, scanner, figure, bin)
  )`,
  `CREATE TABLE quality_reference (
    model_id text NOT NULL,
    model_version text NOT NULL,
    reference jsonb NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model_id, model_version)
  )`,
  `CREATE TABLE quality_progress (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
  )`,
  `INSERT INTO quality_progress (until) VALUES (now())`,
  `CREATE INDEX refusal_by_time ON refusal (created_at)`,
  `CREATE INDEX feedback_by_time ON feedback (created_at)`,
];
