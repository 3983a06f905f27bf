import { type Kysely, sql } from "kysely";

/**
 * Webhooks and their deliveries. A delivery is written by a trigger when its study's transaction
 * commits: whether recorder or planner completes a study, the delivery exists if and only if the
 * completion does. A run that completes again, after a replay, is delivered again as amended.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `CREATE TABLE webhook (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    url text NOT NULL,
    secret text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX webhook_tenant ON webhook (tenant_id)`,
  `CREATE TABLE delivery (
    id text PRIMARY KEY,
    webhook_id text NOT NULL REFERENCES webhook ON DELETE CASCADE,
    tenant_id text NOT NULL,
    study_id text NOT NULL REFERENCES study ON DELETE CASCADE,
    run_id text NOT NULL REFERENCES run ON DELETE CASCADE,
    event text NOT NULL CHECK (event IN ('study.complete', 'study.amended')),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL DEFAULT now(),
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    UNIQUE (webhook_id, run_id)
  )`,
  `CREATE INDEX delivery_due ON delivery (not_before) WHERE state = 'pending'`,
  `CREATE INDEX delivery_newest ON delivery (tenant_id, created_at)`,
  `CREATE FUNCTION write_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO delivery (id, webhook_id, tenant_id, study_id, run_id, event)
      SELECT md5(webhook.id || newest.id), webhook.id, NEW.tenant_id, NEW.id, newest.id,
        CASE WHEN newest.number > 1 THEN 'study.amended' ELSE 'study.complete' END
      FROM webhook, (SELECT id, number FROM run WHERE study_id = NEW.id
        ORDER BY number DESC LIMIT 1) AS newest
      WHERE webhook.tenant_id = NEW.tenant_id
      ON CONFLICT (webhook_id, run_id) DO UPDATE SET event = 'study.amended', state = 'pending',
        attempts = 0, not_before = now();
      RETURN NULL;
    END $$`,
  `CREATE CONSTRAINT TRIGGER study_completed AFTER UPDATE OF state ON study
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'complete' AND OLD.state <> 'complete')
    EXECUTE FUNCTION write_deliveries()`,
];
