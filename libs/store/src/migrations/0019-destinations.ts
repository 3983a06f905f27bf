import { type Kysely, sql } from "kysely";

/**
 * Destinations: webhooks and whatever else results are sent to. A webhook becomes a destination
 * with its id. Table `webhook` and column `delivery.webhook_id` stay as they are for processes of
 * the previous version; nothing reads them any more.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const ENDED = `'complete', 'complete-with-failures', 'failed'`;

const STATEMENTS = [
  `CREATE TABLE destination (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenant,
    name text NOT NULL,
    kind text NOT NULL
      CHECK (kind IN ('webhook', 'folder', 'dicomweb', 'dimse', 'fhir', 'hl7v2')),
    target jsonb NOT NULL,
    secret text,
    formats text[] NOT NULL DEFAULT '{}',
    filter jsonb NOT NULL DEFAULT '{}',
    synthetic_models text[] NOT NULL DEFAULT '{}',
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, name)
  )`,
  `INSERT INTO destination (id, tenant_id, name, kind, target, secret, created_at)
    SELECT id, tenant_id, 'webhook ' || id, 'webhook',
      jsonb_build_object('kind', 'webhook', 'url', url), secret, created_at FROM webhook`,
  `ALTER TABLE delivery DROP CONSTRAINT delivery_state_check`,
  `ALTER TABLE delivery ADD CONSTRAINT delivery_state_check
    CHECK (state IN ('pending', 'delivered', 'skipped', 'dead')) NOT VALID`,
  `ALTER TABLE delivery VALIDATE CONSTRAINT delivery_state_check`,
  `ALTER TABLE delivery ALTER COLUMN webhook_id DROP NOT NULL`,
  `ALTER TABLE delivery
    ADD COLUMN destination_id text REFERENCES destination ON DELETE CASCADE`,
  `UPDATE delivery SET destination_id = webhook_id`,
  `ALTER TABLE delivery ADD CONSTRAINT delivery_destination_run UNIQUE (destination_id, run_id)`,
  `CREATE INDEX delivery_destination_due ON delivery (destination_id, not_before)
    WHERE state = 'pending'`,
  `CREATE OR REPLACE FUNCTION write_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO delivery (id, destination_id, tenant_id, study_id, run_id, event)
      SELECT md5(destination.id || newest.id), destination.id, NEW.tenant_id, NEW.id, newest.id,
        CASE WHEN newest.state = 'failed' THEN 'study.failed'
          WHEN newest.number > 1 THEN 'study.amended' ELSE 'study.complete' END
      FROM destination, (SELECT id, number, state FROM run WHERE study_id = NEW.id
        ORDER BY number DESC LIMIT 1) AS newest
      WHERE destination.tenant_id = NEW.tenant_id AND newest.state IN (${ENDED})
      ON CONFLICT (destination_id, run_id) DO UPDATE SET state = 'pending',
        event = CASE WHEN excluded.event = 'study.failed' THEN excluded.event
          ELSE 'study.amended' END,
        attempts = 0, not_before = now(), created_at = now();
      RETURN NULL;
    END $$`,
];
