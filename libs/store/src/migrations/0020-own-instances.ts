import { type Kysely, sql } from "kysely";

/**
 * Instances that Axial made of a run (report, heat maps) lie beside those that were received, so
 * that searches and retrieval find them; `own_run_id` names their run and tells them apart.
 * `run.render_due` says that they are still to be made: set by a trigger whenever a run ends with
 * an answer, also when it ends again after a replay. A backfill's runs are rendered when someone
 * is to have them: a destination, or a reader of the report.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `ALTER TABLE instance ADD COLUMN own_run_id text`,
  `CREATE INDEX instance_own_run ON instance (own_run_id) WHERE own_run_id IS NOT NULL`,
  `ALTER TABLE series ADD COLUMN own boolean NOT NULL DEFAULT false`,
  `ALTER TABLE run ADD COLUMN render_due boolean NOT NULL DEFAULT false`,
  `ALTER TABLE run ADD COLUMN render_failures integer NOT NULL DEFAULT 0`,
  `ALTER TABLE run ADD COLUMN render_after timestamptz NOT NULL DEFAULT now()`,
  `CREATE INDEX run_render_due ON run (render_after) WHERE render_due`,
  `CREATE FUNCTION mark_render_due() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.render_due := EXISTS (SELECT FROM study
        WHERE study.id = NEW.study_id AND study.dicom AND study.lane <> 'backfill');
      NEW.render_after := clock_timestamp();
      NEW.render_failures := 0;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER run_render_due BEFORE INSERT OR UPDATE OF state ON run FOR EACH ROW
    WHEN (NEW.state IN ('complete', 'complete-with-failures'))
    EXECUTE FUNCTION mark_render_due()`,
];
