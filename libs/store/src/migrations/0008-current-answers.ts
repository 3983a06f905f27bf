import { type Kysely, sql } from "kysely";

/**
 * Which answer of a study is current, and how a study ended.
 *
 * A run has an answer from the first time that it ended with one; a study's current run is the
 * newest that has. A run all of whose tasks died has none, and neither has one that was cancelled
 * before it ended. `answered_at` is set by a trigger, so that it is right for runs that the
 * previous version completes during a rollout too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const ENDED = `'complete', 'complete-with-failures', 'failed'`;

const STATEMENTS = [
  `ALTER TABLE study DROP CONSTRAINT study_state_check`,
  `ALTER TABLE study ADD CONSTRAINT study_state_check
    CHECK (state IN ('receiving', 'held', 'closed', ${ENDED}, 'cancelled')) NOT VALID`,
  `ALTER TABLE study VALIDATE CONSTRAINT study_state_check`,
  `ALTER TABLE run DROP CONSTRAINT run_state_check`,
  `ALTER TABLE run ADD CONSTRAINT run_state_check
    CHECK (state IN ('active', ${ENDED}, 'cancelled')) NOT VALID`,
  `ALTER TABLE run VALIDATE CONSTRAINT run_state_check`,
  `ALTER TABLE run ADD COLUMN answered_at timestamptz`,
  `UPDATE run SET answered_at = completed_at WHERE state = 'complete'`,
  `CREATE INDEX run_answered ON run (study_id, number) WHERE answered_at IS NOT NULL`,
  `CREATE FUNCTION mark_answered() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.answered_at := coalesce(NEW.completed_at, now());
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER run_answered BEFORE INSERT OR UPDATE OF state ON run FOR EACH ROW
    WHEN (NEW.state IN ('complete', 'complete-with-failures') AND NEW.answered_at IS NULL)
    EXECUTE FUNCTION mark_answered()`,
  `DROP INDEX study_finished`,
  `CREATE INDEX study_finished ON study (tenant_id, completed_at)
    WHERE state IN (${ENDED}, 'cancelled')`,
  `ALTER TABLE delivery DROP CONSTRAINT delivery_event_check`,
  `ALTER TABLE delivery ADD CONSTRAINT delivery_event_check
    CHECK (event IN ('study.complete', 'study.amended', 'study.failed'))`,
  // The newest run ended: with an answer, or with none. A cancelled one is not notified.
  `CREATE OR REPLACE FUNCTION write_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO delivery (id, webhook_id, tenant_id, study_id, run_id, event)
      SELECT md5(webhook.id || newest.id), webhook.id, NEW.tenant_id, NEW.id, newest.id,
        CASE WHEN newest.state = 'failed' THEN 'study.failed'
          WHEN newest.number > 1 THEN 'study.amended' ELSE 'study.complete' END
      FROM webhook, (SELECT id, number, state FROM run WHERE study_id = NEW.id
        ORDER BY number DESC LIMIT 1) AS newest
      WHERE webhook.tenant_id = NEW.tenant_id AND newest.state IN (${ENDED})
      ON CONFLICT (webhook_id, run_id) DO UPDATE SET state = 'pending',
        event = CASE WHEN excluded.event = 'study.failed' THEN excluded.event
          ELSE 'study.amended' END,
        attempts = 0, not_before = now();
      RETURN NULL;
    END $$`,
  `DROP TRIGGER study_completed ON study`,
  `CREATE CONSTRAINT TRIGGER study_completed AFTER UPDATE OF state ON study
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN (${ENDED}) AND OLD.state NOT IN (${ENDED}))
    EXECUTE FUNCTION write_deliveries()`,
];
