import { PassThrough } from "node:stream";
import {
  INFER_QUEUES,
  inferJobId,
  type Lane,
  outcomeIds,
  RESULTS_STREAM,
  type TaskId,
} from "@axial/contracts";
import { createLogger, NO_TRACING, openQueues, type Queues } from "@axial/kit";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { eventually, queueBackends, redisSays, startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Dispatcher } from "../src/dispatch/dispatcher.ts";
import { reconcile } from "../src/dispatch/reconciler.ts";
import { backlog } from "./backlog.ts";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const WINDOW = 16;

async function removeJobs(db: Database, queues: Queues): Promise<void> {
  const { rows } = await sql<{ id: string; lane: Lane }>`SELECT id, lane FROM task`.execute(db);
  for (const { id, lane } of rows) await queues.jobs.remove(INFER_QUEUES[lane], `t${id}-1`);
}

/** As a recorder would that has recorded them. */
async function settleOutcomes(queues: Queues): Promise<void> {
  const reading = queues.streams.read(RESULTS_STREAM, { concurrency: 10 }, async () => {});
  await eventually(
    "settled",
    async () => (await queues.streams.unsettled(RESULTS_STREAM)).size === 0,
  );
  await reading.close();
}

async function states(db: Database): Promise<Record<string, number>> {
  const { rows } = await sql<{ key: string; tasks: number }>`
    SELECT tenant_id || ' ' || lane || ' ' || state AS key, count(*)::integer AS tasks
    FROM task GROUP BY 1`.execute(db);
  return Object.fromEntries(rows.map(({ key, tasks }) => [key, tasks]));
}

for (const backend of queueBackends()) {
  describe(`dispatch on ${backend.name}`, backend.options, () => {
    let stops: (() => Promise<void>)[];
    let db: Database;
    let queues: Queues;
    let queueUrl: string;
    let dispatcher: Dispatcher;

    beforeAll(async () => {
      const postgres = await startPostgres();
      const queue = await backend.start();
      db = openDatabase(await postgres.createDatabase());
      await migrate(db);
      queueUrl = queue.url;
      queues = openQueues(queueUrl, { logger });
      dispatcher = new Dispatcher({ db, queues, logger, tracing: NO_TRACING });
      stops = [() => queues.close(), () => db.destroy(), queue.stop, postgres.stop];
    });
    afterAll(async () => {
      for (const stop of stops ?? []) await stop();
    });
    beforeEach(async () => {
      await sql`TRUNCATE task, run, series, study, worker, dispatch_share CASCADE`.execute(db);
      for (const queue of ["infer-stat", "infer-routine", "infer-backfill"]) {
        const drain = queues.jobs.consume(queue, { concurrency: 50 }, async () => {});
        while ((await queues.jobs.counts(queue)).waiting > 0)
          await new Promise((r) => setImmediate(r));
        await drain.close();
      }
    });

    it("fills each lane's window and leaves the rest in Postgres", async () => {
      await backlog(db, "a", "backfill", 30);
      await backlog(db, "a", "stat", 2);
      await dispatcher.pass();
      await dispatcher.pass();
      expect(await states(db)).toEqual({
        "a backfill dispatched": WINDOW,
        "a backfill pending": 30 - WINDOW,
        "a stat dispatched": 2,
      });
      expect((await queues.jobs.counts("infer-backfill")).waiting).toBe(WINDOW);
      expect((await queues.jobs.counts("infer-stat")).waiting).toBe(2);
    });

    it("shares the window between a large tenant and a small one", async () => {
      await backlog(db, "large", "routine", 40);
      await backlog(db, "small", "routine", 20);
      await dispatcher.pass();
      const found = await states(db);
      expect(found["large routine dispatched"]).toBe(WINDOW / 2);
      expect(found["small routine dispatched"]).toBe(WINDOW / 2);
    });

    it("is safe with several dispatchers at once", async () => {
      await backlog(db, "a", "routine", 40);
      const others = Array.from(
        { length: 4 },
        () => new Dispatcher({ db, queues, logger, tracing: NO_TRACING }),
      );
      await Promise.all(others.map((other) => other.pass()));
      expect((await states(db))["a routine dispatched"]).toBe(WINDOW);
      expect((await queues.jobs.counts("infer-routine")).waiting).toBe(WINDOW);
    });

    it("grows the window with what workers announce", async () => {
      await backlog(db, "a", "routine", 60);
      await sql`INSERT INTO worker VALUES ('w', 25, '{}', 'cpu', now())`.execute(db);
      await dispatcher.pass();
      expect((await states(db))["a routine dispatched"]).toBe(50);
    });

    it("dispatches again what the queue lost, with a new fencing token", async () => {
      await backlog(db, "a", "routine", 3);
      await dispatcher.pass();
      const { rows: before } = await sql<{ id: string }>`SELECT id FROM task LIMIT 1`.execute(db);
      await queues.jobs.remove("infer-routine", `t${before[0]?.id}-1`);
      await sql`UPDATE task SET state_since = now() - interval '1 minute'`.execute(db);
      await reconcile(db, queues);
      const { rows } = await sql<{ id: string; error_code: string }>`
        SELECT id, error_code FROM task WHERE state = 'pending'`.execute(db);
      expect(rows).toEqual([{ id: before[0]?.id, error_code: "queue-lost" }]);
      await dispatcher.pass();
      expect(await queues.jobs.states("infer-routine", [`t${before[0]?.id}-2`])).toEqual([
        "waiting",
      ]);
    });

    it("leaves an attempt alone whose outcome waits to be recorded", async () => {
      await backlog(db, "a", "routine", 1);
      await dispatcher.pass();
      const { rows } = await sql<{ id: TaskId }>`SELECT id FROM task`.execute(db);
      const task = rows[0]?.id as TaskId;
      await queues.jobs.remove("infer-routine", inferJobId({ task, attempt: 1 }));
      const [id = ""] = outcomeIds({ task, attempt: 1 });
      await queues.streams.append(RESULTS_STREAM, [{ id, data: {} }]);
      await sql`UPDATE task SET state_since = now() - interval '1 minute'`.execute(db);
      await reconcile(db, queues);
      expect(await states(db)).toEqual({ "a routine dispatched": 1 });
      await settleOutcomes(queues);
    });

    it("ends an attempt that runs past its deadline as failed, for the recorder to judge", async () => {
      await backlog(db, "a", "routine", 1);
      await dispatcher.pass();
      const { rows } = await sql<{ id: TaskId }>`SELECT id FROM task`.execute(db);
      const [failed = ""] = outcomeIds({ task: rows[0]?.id as TaskId, attempt: 1 }).slice(-1);
      const held = Promise.withResolvers<void>();
      const consumer = queues.jobs.consume("infer-routine", { concurrency: 1 }, () => held.promise);
      await eventually(
        "taken",
        async () => (await queues.jobs.counts("infer-routine")).active === 1,
      );
      await sql`UPDATE task SET state = 'running', state_since = now() - interval '1 hour'`.execute(
        db,
      );
      await reconcile(db, queues);
      expect(await queues.streams.unsettled(RESULTS_STREAM)).toEqual(new Set([failed]));
      held.resolve();
      await consumer.close();
      await settleOutcomes(queues);
    });

    it("loses nothing when the whole queue is lost", async () => {
      await backlog(db, "a", "routine", 12);
      await backlog(db, "a", "stat", 3);
      await dispatcher.pass();
      // A Redis that was lent to the tests is not ours to empty.
      const ours = backend.name === "redis" && process.env.AXIAL_TEST_REDIS_URL === undefined;
      if (ours) await redisSays(queueUrl, "FLUSHALL");
      else await removeJobs(db, queues);
      await sql`UPDATE task SET state_since = now() - interval '1 minute'`.execute(db);
      await reconcile(db, queues);
      expect(await states(db)).toEqual({ "a routine pending": 12, "a stat pending": 3 });
      await dispatcher.pass();
      expect((await queues.jobs.counts("infer-routine")).waiting).toBe(12);
      expect((await queues.jobs.counts("infer-stat")).waiting).toBe(3);
    });

    it("keeps a tenant to its tasks per minute, and the next one moves up", async () => {
      await backlog(db, "slow", "routine", 10);
      await backlog(db, "other", "routine", 30);
      await sql`UPDATE tenant SET max_tasks_per_minute = 6, rate_tokens = 4, rate_at = now()
        WHERE id = 'slow'`.execute(db);
      await dispatcher.pass();
      await dispatcher.pass();
      const found = await states(db);
      expect(found["slow routine dispatched"]).toBe(4);
      expect(found["other routine dispatched"]).toBe(WINDOW - 4);
    });

    it("lets what has waited long into the lane above", async () => {
      await backlog(db, "a", "routine", 40);
      await sql`UPDATE task SET not_before = now() - interval '1 hour'`.execute(db);
      await dispatcher.pass();
      expect((await queues.jobs.counts("infer-routine")).waiting).toBe(WINDOW);
      expect((await queues.jobs.counts("infer-stat")).waiting).toBe(WINDOW / 4);
    });

    it("dispatches nothing of a paused tenant", async () => {
      await backlog(db, "paused", "routine", 3);
      await sql`UPDATE tenant SET paused = true WHERE id = 'paused'`.execute(db);
      await dispatcher.pass();
      expect(await states(db)).toEqual({ "paused routine pending": 3 });
    });
  });
}
