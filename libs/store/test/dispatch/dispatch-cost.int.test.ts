import { LANES, type TenantId } from "@axial/contracts";
import { type Database, openDatabase } from "@axial/store/database";
import {
  attemptsInFlight,
  countInFlightTasks,
  estimateDatabase,
  readOutlook,
  readStateAges,
  takeTasks,
  waitingTenants,
} from "@axial/store/dispatch";
import { migrate } from "@axial/store/migrate";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PageCounter } from "../support/page-counter.ts";

const TENANTS = 12;
const SMALL = 720;
const LARGE = 72_000;
/** A probe reads a page for each level of its index: the larger backlog's has one or two more. */
const DEEPER = 3;

/** Every statement of the dispatcher and the reconciler that reads the backlog. */
const STATEMENTS: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
  "what there is to dispatch, and room for it": (db) => readOutlook(db),
  "which tenants wait": (db) => db.transaction().execute((trx) => waitingTenants(trx, "backfill")),
  "what is in flight": (db) => db.transaction().execute(countInFlightTasks),
  "taking sixteen tasks": (db) =>
    db.transaction().execute((trx) =>
      takeTasks(trx, {
        lane: "backfill",
        dispatchedLane: "backfill",
        tenant: "tenant-0" as TenantId,
        limit: 16,
        dueForSeconds: 0,
      }),
    ),
  "attempts to look after": (db) => attemptsInFlight(db, 0, 2_000),
  "ages of states": (db) => readStateAges(db),
  "how large the backlog is": (db) => estimateDatabase(db),
};

/** Statistics that PostgreSQL may have of the table, current or stale. */
const BELIEFS: Readonly<Record<string, string>> = {
  "never analysed": "",
  "analysed while it was empty": "empty",
  "analysed while everything was done": "done",
  "analysed just now": "now",
};

describe("dispatch costs the same whatever the backlog", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  for (const [belief, analysed] of Object.entries(BELIEFS)) {
    it(`with statistics: ${belief}`, async () => {
      const small = await pagesOver(SMALL, analysed);
      const large = await pagesOver(LARGE, analysed);
      for (const name of Object.keys(STATEMENTS)) {
        const limit = (small.get(name) ?? 0) * DEEPER;
        expect(small.get(name), name).toBeGreaterThan(0);
        expect(large.get(name), name).toBeLessThanOrEqual(limit);
      }
    });
  }

  async function pagesOver(tasks: number, analysed: string): Promise<Map<string, number>> {
    const db = openDatabase(await server.createDatabase());
    await migrate(db);
    await sql`ALTER TABLE task SET (autovacuum_enabled = off)`.execute(db);
    if (analysed === "empty") await sql`ANALYZE task`.execute(db);
    await fill(db, tasks, analysed);
    if (analysed === "now") await sql`ANALYZE task`.execute(db);
    const pages = new Map<string, number>();
    for (const [name, run] of Object.entries(STATEMENTS)) {
      const counter = new PageCounter();
      await run(db.withPlugin(counter));
      pages.set(name, counter.pages);
    }
    await db.destroy();
    return pages;
  }
});

/** Tasks of twelve tenants in three lanes, of which forty are in flight. */
async function fill(db: Database, tasks: number, analysed: string): Promise<void> {
  await sql`INSERT INTO tenant (id)
    SELECT 'tenant-' || i FROM generate_series(0, ${TENANTS - 1}::integer) AS i`.execute(db);
  await db.transaction().execute(async (trx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(trx);
    await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
        model_version, manifest, slices, state, dispatched_lane)
      SELECT lpad(to_hex(i), 32, '0'), i, i, i, 'tenant-' || i % ${TENANTS}::integer,
        (${[...LANES]}::text[])[1 + (i / ${TENANTS}::integer) % 3], 'm', '1', i, 16, 'pending',
        'backfill'
      FROM generate_series(1, ${tasks}::integer) AS i`.execute(trx);
  });
  if (analysed === "done") {
    await sql`UPDATE task SET state = 'done'`.execute(db);
    await sql`VACUUM (ANALYZE) task`.execute(db);
    await sql`UPDATE task SET state = 'pending'`.execute(db);
  }
  await sql`UPDATE task SET state = 'dispatched'
    WHERE id IN (SELECT id FROM task ORDER BY id LIMIT 40)`.execute(db);
}
