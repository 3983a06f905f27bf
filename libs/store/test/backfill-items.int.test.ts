import { newId, type TenantId } from "@axial/contracts";
import { startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createBackfill,
  foldTally,
  readBackfillResults,
  readTally,
  reportItems,
} from "../src/backfill/index.ts";
import { type Database, openDatabase } from "../src/database.ts";
import { migrate } from "../src/migrate.ts";

const TENANT = "default" as TenantId;

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let db: Database;
beforeAll(async () => {
  postgres = await startPostgres();
  db = openDatabase(await postgres.createDatabase());
  await migrate(db);
});
afterAll(async () => {
  await db?.destroy();
  await postgres?.stop();
});

async function newBackfill(): Promise<string> {
  const { row } = await db.transaction().execute((trx) =>
    createBackfill(trx, {
      ...{ tenant: TENANT, name: "counted", source: "sent", sourceId: undefined },
      ...{ sourceKey: newId(), filter: {}, manifest: false, models: null, window: null },
      ...{ timeZone: "UTC", ratePerMinute: null },
    }),
  );
  return row.id;
}

/** What the items themselves say. */
async function counted(backfill: string) {
  const { rows } = await sql`
    SELECT state, code, count(*)::integer AS items,
      count(*) FILTER (WHERE started_at IS NOT NULL AND finished_at IS NOT NULL)::integer AS ended
    FROM backfill_item WHERE backfill_id = ${backfill} GROUP BY state, code
    ORDER BY items DESC, state, code`.execute(db);
  return rows;
}
async function tallied(backfill: string) {
  const rows = await readTally(db, backfill);
  return rows.flatMap(({ state, code, items, ended }) =>
    items === 0 ? [] : [{ state, code, items, ended }],
  );
}

test("items are counted as they come, change and end, folded or not", async () => {
  const id = await newBackfill();
  const studies = Array.from({ length: 50 }, (_, index) => `1.2.${index}`);
  const report = (some: readonly string[], state: "waiting" | "sent" | "failed") =>
    reportItems(
      db,
      { id, tenant: TENANT },
      some.map((study) => ({
        ...{ study, state, code: state === "failed" ? "gone" : null, fresh: false },
      })),
    );
  await report(studies, "waiting");
  expect(await tallied(id)).toEqual(await counted(id));
  await foldTally(db, id);
  // Of one statement some are new and some change.
  await report([...studies.slice(0, 20), "1.3.1", "1.3.2"], "sent");
  await report(studies.slice(20, 25), "failed");
  expect(await tallied(id)).toEqual(await counted(id));
  await sql`UPDATE backfill_item SET state = 'running', started_at = now() - interval '1 minute'
    WHERE backfill_id = ${id} AND state = 'sent'`.execute(db);
  await foldTally(db, id);
  await sql`UPDATE backfill_item SET state = 'done', finished_at = now()
    WHERE backfill_id = ${id} AND state = 'running'`.execute(db);
  expect(await tallied(id)).toEqual(await counted(id));
  await foldTally(db, id);
  expect(await tallied(id)).toEqual(await counted(id));
  const done = (await readTally(db, id)).find(({ state }) => state === "done");
  expect(done).toMatchObject({ items: 22, ended: 22 });
  const { firstStarted, lastFinished } = done ?? {};
  expect((lastFinished?.getTime() ?? 0) - (firstStarted?.getTime() ?? 0)).toBeGreaterThan(59_000);
});

test("a study that has run, and gets instances that are new, runs again", async () => {
  const id = await newBackfill();
  const studies = ["1.2.1", "1.2.2", "1.2.3"];
  const report = (fresh: boolean) =>
    reportItems(
      db,
      { id, tenant: TENANT },
      studies.map((study) => ({ study, state: "sent", code: null, fresh })),
    );
  await report(true);
  await sql`UPDATE backfill_item SET state = 'done', attempts = 1, started_at = now(),
    finished_at = now() WHERE backfill_id = ${id} AND study_uid <> '1.2.3'`.execute(db);
  await report(false);
  expect(await tallied(id)).toMatchObject([
    { state: "done", items: 2 },
    { state: "sent", items: 1 },
  ]);
  await report(true);
  expect(await tallied(id)).toMatchObject([{ state: "sent", items: 3, ended: 0 }]);
});

test("a page of results has a row for each study that has no answer", async () => {
  const id = await newBackfill();
  const items = ["1.2.1", "1.2.2"].map((study) => ({
    ...{ study, state: "failed" as const, code: "not-sent", fresh: false },
  }));
  await reportItems(db, { id, tenant: TENANT }, items);
  const { rows, next } = await readBackfillResults(db, id, { after: null, limit: 10 });
  expect(next).toBeNull();
  expect(rows.map(({ study, outcome, code }) => [study, outcome, code]).toSorted()).toEqual([
    ["1.2.1", "none", "not-sent"],
    ["1.2.2", "none", "not-sent"],
  ]);
  expect(rows[0]).toMatchObject({ site: null, further: null, decodeMs: null, persistMs: null });
});

test("a backfill that is removed leaves no counts", async () => {
  const id = await newBackfill();
  const item = { study: "1.2.3", state: "waiting" as const, code: null, fresh: false };
  await reportItems(db, { id, tenant: TENANT }, [item]);
  await sql`DELETE FROM backfill WHERE id = ${id}`.execute(db);
  expect(await readTally(db, id)).toEqual([]);
});
