import { type BlobKey, newId, type SeriesId, type TaskId, type TenantId } from "@axial/contracts";
import {
  type BackfillRow,
  createBackfill,
  finishBackfill,
  settleItems,
  startItems,
} from "@axial/store/backfill";
import { type Database, openDatabase } from "@axial/store/database";
import { takeTasks } from "@axial/store/dispatch";
import { migrate } from "@axial/store/migrate";
import { findUnplanned, planStudies } from "@axial/store/planning";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

const TENANT = "default" as TenantId;
const [LARGE, SMALL] = [600, 100];
/** Studies of a backfill that run at once, and tasks that the worker ends in a turn. */
const [MAX_RUNNING, PER_TURN] = [32, 8];

let postgres: PostgresServer;
let db: Database;
beforeAll(async () => {
  postgres = await startPostgres();
  db = openDatabase(await postgres.createDatabase());
  await migrate(db);
});
afterAll(async () => {
  await db.destroy();
  await postgres.stop();
});

/** A backfill of so many studies, all of which are here. */
async function backfill(name: string, studies: number): Promise<BackfillRow> {
  const { row } = await createBackfill(db, {
    ...{ tenant: TENANT, name, source: "sent", sourceKey: name, filter: {}, models: null },
    ...{ window: null, timeZone: "UTC", ratePerMinute: null },
  });
  await sql`
    WITH made AS (
      INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count)
      SELECT md5(${name} || n), ${TENANT}, ${name} || '.' || n, 'receiving', 'backfill', 1
      FROM generate_series(1, ${studies}::integer) AS n RETURNING id, study_uid
    ), series AS (
      INSERT INTO series (id, study_id, series_uid) SELECT id, id, study_uid FROM made)
    INSERT INTO backfill_item (id, backfill_id, tenant_id, study_uid, state, whole)
    SELECT md5(study_uid), ${row.id}, ${TENANT}, study_uid, 'sent', true FROM made`.execute(db);
  await sql`UPDATE backfill SET listed = true WHERE id = ${row.id}`.execute(db);
  return row;
}

/** One turn of feeder, planner, dispatcher and a worker that ends the oldest tasks. */
async function turn(backfills: readonly BackfillRow[]): Promise<void> {
  for (const row of backfills) {
    await settleItems(db, row.id);
    const options = { maxRunning: MAX_RUNNING, models: [] };
    await db.transaction().execute((trx) => startItems(trx, row, options));
    await finishBackfill(db, row.id);
  }
  const unplanned = await findUnplanned(db, { lane: "backfill", limit: 1_000, except: [] });
  await planStudies(db, unplanned, async (studies) =>
    studies.map(({ id }) => ({
      tasks: [
        {
          ...{ id: newId<TaskId>(), series: id as string as SeriesId, slices: 1 },
          ...{ model: { id: "tiny", version: "1.0.0" }, input: "0".repeat(64) as BlobKey },
        },
      ],
      refusals: [],
    })),
  );
  const lanes = { lane: "backfill", dispatchedLane: "backfill" } as const;
  const taken = await db
    .transaction()
    .execute((trx) =>
      takeTasks(trx, { ...lanes, tenant: TENANT, limit: PER_TURN, dueForSeconds: 0 }),
    );
  await sql`
    WITH ended AS (UPDATE task SET state = 'done', finished_at = now()
      WHERE id = ANY(${taken.map(({ task }) => task)}::text[]) RETURNING run_id, study_id
    ), runs AS (UPDATE run SET state = 'complete', unfinished = 0, completed_at = now()
      FROM ended WHERE run.id = ended.run_id)
    UPDATE study SET state = 'complete', completed_at = now()
    FROM ended WHERE study.id = ended.study_id`.execute(db);
}

async function doneOf(row: BackfillRow): Promise<number> {
  const { rows } = await sql<{ done: number }>`SELECT count(*)::integer AS done
    FROM study JOIN backfill_item AS item USING (tenant_id, study_uid)
    WHERE item.backfill_id = ${row.id} AND study.state = 'complete'`.execute(db);
  return rows[0]?.done ?? 0;
}

it("a small backfill beside a large one, which began before it, gets half of what is done", async () => {
  const large = await backfill("large", LARGE);
  for (let turns = 0; turns < 10; turns += 1) await turn([large]);
  const before = await doneOf(large);
  expect(before).toBe(10 * PER_TURN);

  const small = await backfill("small", SMALL);
  while ((await doneOf(small)) < SMALL) await turn([large, small]);
  const meanwhile = (await doneOf(large)) - before;
  const share = SMALL / (SMALL + meanwhile);
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
}, 120_000);
