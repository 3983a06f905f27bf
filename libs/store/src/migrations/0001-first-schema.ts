import { type Kysely, sql } from "kysely";

/**
 * The first schema. Names are DESIGN's: study · series · instance · run · task · prediction ·
 * refusal. Ids are 32 hexadecimal digits and say nothing about the patient. Study-level tags and
 * instance facts are patient data and live in jsonb here, nowhere else.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE tenant (
    id text PRIMARY KEY,
    weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),
    max_concurrent_tasks integer CHECK (max_concurrent_tasks > 0),
    max_tasks_per_minute integer CHECK (max_tasks_per_minute > 0),
    paused boolean NOT NULL DEFAULT false,
    rate_tokens double precision NOT NULL DEFAULT 0,
    rate_at timestamptz NOT NULL DEFAULT now(),
    quiet_period_seconds integer NOT NULL DEFAULT 60 CHECK (quiet_period_seconds > 0),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `INSERT INTO tenant (id) VALUES ('default')`,
  `CREATE TABLE api_key (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'operator', 'sender', 'reader')),
    hash text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
  )`,
  `CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    tenant_id text NOT NULL,
    key_id text,
    action text NOT NULL,
    target text,
    detail jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE TABLE study (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    study_uid text NOT NULL,
    state text NOT NULL CHECK (state IN ('receiving', 'closed', 'complete', 'cancelled')),
    lane text NOT NULL CHECK (lane IN ('stat', 'routine', 'backfill')),
    requested_models text[],
    expected_instances integer CHECK (expected_instances > 0),
    instance_count integer NOT NULL DEFAULT 0,
    tags jsonb NOT NULL DEFAULT '{}',
    close_reason text,
    plan_reason text CHECK (plan_reason IN ('closed', 'late-arrival', 'rerun')),
    received_at timestamptz NOT NULL DEFAULT now(),
    last_instance_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    completed_at timestamptz,
    state_since timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, study_uid)
  )`,
  `CREATE INDEX study_open ON study (last_instance_at) WHERE state = 'receiving'`,
  `CREATE INDEX study_closed ON study (closed_at) WHERE state = 'closed'`,
  `CREATE INDEX study_unplanned ON study (lane, closed_at) WHERE plan_reason IS NOT NULL`,
  `CREATE TABLE series (
    id text PRIMARY KEY,
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    series_uid text NOT NULL,
    modality text,
    tags jsonb NOT NULL DEFAULT '{}',
    instance_count integer NOT NULL DEFAULT 0,
    UNIQUE (study_id, series_uid)
  )`,
  `CREATE TABLE instance (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    series_id text NOT NULL REFERENCES series ON DELETE CASCADE,
    sop_instance_uid text NOT NULL,
    sop_class_uid text NOT NULL,
    transfer_syntax text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('dicom', 'image')),
    blob text NOT NULL,
    bytes bigint NOT NULL,
    facts jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, sop_instance_uid)
  )`,
  `CREATE INDEX instance_series ON instance (series_id)`,
  `CREATE INDEX instance_study ON instance (study_id)`,
  `CREATE INDEX instance_blob ON instance (blob)`,
  `CREATE TABLE run (
    id text PRIMARY KEY,
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    number integer NOT NULL,
    reason text NOT NULL CHECK (reason IN ('closed', 'late-arrival', 'rerun')),
    state text NOT NULL CHECK (state IN ('active', 'complete', 'cancelled')),
    unfinished integer NOT NULL CHECK (unfinished >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    UNIQUE (study_id, number)
  )`,
  `CREATE TABLE task (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES run ON DELETE CASCADE,
    study_id text NOT NULL,
    series_id text NOT NULL REFERENCES series ON DELETE CASCADE,
    tenant_id text NOT NULL REFERENCES tenant,
    lane text NOT NULL CHECK (lane IN ('stat', 'routine', 'backfill')),
    model_id text NOT NULL,
    model_version text NOT NULL,
    manifest text NOT NULL,
    slices integer NOT NULL CHECK (slices > 0),
    state text NOT NULL CHECK (state IN
      ('pending', 'dispatched', 'running', 'done', 'refused', 'dead', 'cancelled')),
    attempt integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    isolate boolean NOT NULL DEFAULT false,
    not_before timestamptz NOT NULL DEFAULT now(),
    error_code text,
    error_detail text,
    history jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    dispatched_at timestamptz,
    dispatched_lane text CHECK (dispatched_lane IN ('stat', 'routine', 'backfill')),
    finished_at timestamptz,
    state_since timestamptz NOT NULL DEFAULT now(),
    UNIQUE (run_id, series_id, model_id)
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX task_pending ON task (lane, tenant_id, not_before, id) WHERE state = 'pending'`,
  `CREATE INDEX task_in_flight ON task (dispatched_lane, state_since)
    WHERE state IN ('dispatched', 'running')`,
  `CREATE INDEX task_run ON task (run_id)`,
  `CREATE INDEX task_dead ON task (tenant_id, finished_at) WHERE state = 'dead'`,
  `CREATE TABLE prediction (
    id text PRIMARY KEY,
    task_id text NOT NULL REFERENCES task ON DELETE CASCADE,
    run_id text NOT NULL,
    study_id text NOT NULL,
    series_id text NOT NULL,
    tenant_id text NOT NULL,
    model_id text NOT NULL,
    model_version text NOT NULL,
    model_sha256 text NOT NULL,
    evidence text NOT NULL,
    provider text NOT NULL,
    label text NOT NULL,
    probability double precision NOT NULL,
    result jsonb NOT NULL,
    result_blob text NOT NULL,
    attempt integer NOT NULL,
    wait_ms double precision NOT NULL,
    persist_ms double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (task_id, model_version)
  )`,
  `CREATE INDEX prediction_run ON prediction (run_id)`,
  `CREATE INDEX prediction_search ON prediction (tenant_id, model_id, created_at)`,
  `CREATE TABLE refusal (
    id text PRIMARY KEY,
    run_id text NOT NULL REFERENCES run ON DELETE CASCADE,
    task_id text REFERENCES task ON DELETE CASCADE,
    study_id text NOT NULL,
    series_id text REFERENCES series ON DELETE CASCADE,
    model_id text,
    code text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX refusal_run ON refusal (run_id)`,
  `CREATE TABLE worker (
    id text PRIMARY KEY,
    capacity integer NOT NULL,
    models text[] NOT NULL,
    provider text NOT NULL,
    seen_at timestamptz NOT NULL
  )`,
  `CREATE TABLE dispatch_share (
    lane text NOT NULL,
    tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
    pass double precision NOT NULL,
    PRIMARY KEY (lane, tenant_id)
  )`,
  `CREATE TABLE idempotency_key (
    tenant_id text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer,
    body jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
  )`,
  `CREATE TABLE model_version (
    id text NOT NULL,
    version text NOT NULL,
    sha256 text NOT NULL,
    evidence text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
  )`,
];
