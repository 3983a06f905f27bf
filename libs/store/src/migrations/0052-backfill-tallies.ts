import { type Kysely, sql } from "kysely";

/**
 * Items of a backfill are counted by triggers, so that a view of a million of them does not read a
 * million rows. Each statement adds rows of changes, and writers never wait for each other;
 * `backfill_tally` holds what was folded together. A code of '' stands for none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const COLUMNS = "backfill_id, state, code, items, ended, first_started, last_finished";
/** An item that was started and has ended. */
const ENDED = "started_at IS NOT NULL AND finished_at IS NOT NULL";
const COUNTED = `count(*), count(*) FILTER (WHERE ${ENDED}), min(started_at),
  max(finished_at) FILTER (WHERE ${ENDED})`;

const STATEMENTS = [
  `CREATE TABLE backfill_tally (
    backfill_id text NOT NULL REFERENCES backfill ON DELETE CASCADE,
    state text NOT NULL,
    code text NOT NULL,
    items bigint NOT NULL,
    ended bigint NOT NULL,
    first_started timestamptz,
    last_finished timestamptz,
    PRIMARY KEY (backfill_id, state, code)
  ) WITH (fillfactor = 50)`,
  // Without a reference: a change must not wait for the lock that starting items takes.
  `CREATE TABLE backfill_tally_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill_id text NOT NULL,
    state text NOT NULL,
    code text NOT NULL,
    items bigint NOT NULL,
    ended bigint NOT NULL,
    first_started timestamptz,
    last_finished timestamptz
  )`,
  `CREATE INDEX backfill_tally_change_backfill ON backfill_tally_change (backfill_id)`,
  `CREATE FUNCTION forget_backfill_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM backfill_tally_change WHERE backfill_id = OLD.id;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER forget_changes AFTER DELETE ON backfill
    FOR EACH ROW EXECUTE FUNCTION forget_backfill_changes()`,
  // Items that are written meanwhile would be counted twice or not at all.
  `LOCK TABLE backfill_item IN SHARE ROW EXCLUSIVE MODE`,
  `INSERT INTO backfill_tally (${COLUMNS})
    SELECT backfill_id, state, coalesce(code, ''), ${COUNTED} FROM backfill_item GROUP BY 1, 2, 3`,
  `CREATE FUNCTION count_backfill_items() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO backfill_tally_change (${COLUMNS})
      SELECT backfill_id, state, coalesce(code, ''), ${COUNTED} FROM added GROUP BY 1, 2, 3;
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION recount_backfill_items() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO backfill_tally_change (${COLUMNS})
      SELECT backfill_id, state, coalesce(code, ''), sum(sign),
        coalesce(sum(sign) FILTER (WHERE ${ENDED}), 0),
        min(started_at) FILTER (WHERE sign > 0),
        max(finished_at) FILTER (WHERE sign > 0 AND ${ENDED})
      FROM (
        SELECT 1 AS sign, backfill_id, state, code, started_at, finished_at FROM added
        UNION ALL
        SELECT -1, backfill_id, state, code, started_at, finished_at FROM removed) AS changed
      GROUP BY 1, 2, 3
      HAVING sum(sign) <> 0 OR coalesce(sum(sign) FILTER (WHERE ${ENDED}), 0) <> 0;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER count_items AFTER INSERT ON backfill_item
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_backfill_items()`,
  `CREATE TRIGGER recount_items AFTER UPDATE ON backfill_item
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION recount_backfill_items()`,
];
