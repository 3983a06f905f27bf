import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import { startLocalPostgres } from "@axial/local-postgres";
import { eventually, freePort, queueBackends, startPostgres } from "@axial/testkit";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loseEverything } from "./lose-everything.ts";

const logger = createLogger({ service: "test", destination: new PassThrough() });

const noticed = () => false;

/** A job's age is in milliseconds: the next one is younger than the one before. */
async function passes(): Promise<void> {
  const now = Date.now();
  await eventually("the clock goes on", () => Date.now() > now + 1);
}

for (const backend of queueBackends()) {
  describe(`queues on ${backend.name}`, backend.options, () => {
    let server: { url: string; stop(): Promise<void> };
    let queues: Queues;

    beforeAll(async () => {
      server = await backend.start();
      queues = openQueues(server.url, { logger });
    });
    afterAll(async () => {
      await queues?.close();
      await server?.stop();
    });

    it("hands every job to a handler once and forgets it", async () => {
      const taken: string[] = [];
      await queues.jobs.add("q1", [
        { id: "a1", data: { n: 1 } },
        { id: "a2", data: { n: 2 } },
      ]);
      expect(await queues.jobs.counts("q1")).toEqual({ waiting: 2, active: 0 });
      const consumer = queues.jobs.consume("q1", { concurrency: 4 }, async (job) => {
        taken.push(job.id);
      });
      await eventually("both taken", () => taken.length === 2);
      await eventually("both gone", async () =>
        (await queues.jobs.states("q1", ["a1", "a2"])).every((state) => state === "missing"),
      );
      await consumer.close();
      expect(taken.toSorted()).toEqual(["a1", "a2"]);
    });

    it("hands out what goes first before what waits", async () => {
      const job = (id: string, first: boolean) => ({ id, data: {}, first });
      await queues.jobs.add("q1a", [job("a", false), job("b", false)]);
      await queues.jobs.add("q1a", [job("urgent", true)]);
      const many = Array.from({ length: 20 }, (_, index) => job(`c${index}`, false));
      await queues.jobs.add("q1a", [...many, job("urgent2", true)]);
      const taken: string[] = [];
      const consumer = queues.jobs.consume("q1a", { concurrency: 1 }, async ({ id }) => {
        taken.push(id);
      });
      await eventually("all taken", () => taken.length === 24);
      await consumer.close();
      expect(taken.slice(0, 4)).toEqual(["urgent2", "urgent", "a", "b"]);
    });

    it("holds more jobs, and fewer, as it is told", async () => {
      const running = new Map<string, () => void>();
      const consumer = queues.jobs.consume("q1b", { concurrency: 1 }, ({ id }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        running.set(id, resolve);
        return promise.finally(() => running.delete(id));
      });
      const end = (count: number) => {
        for (const finish of [...running.values()].slice(0, count)) finish();
      };
      await queues.jobs.add(
        "q1b",
        Array.from({ length: 8 }, (_, index) => ({ id: `l${index}`, data: {} })),
      );
      await eventually("one is taken", () => running.size === 1);
      consumer.limit(3);
      end(1);
      await eventually("three are held", () => running.size === 3);
      consumer.limit(1);
      end(2);
      await eventually("one is held", () => running.size === 1);
      expect((await queues.jobs.counts("q1b")).waiting).toBe(4);
      const closing = consumer.close();
      end(1);
      await closing;
    });

    it("takes the same id once while the job is kept", async () => {
      await queues.jobs.add("q2", [{ id: "same", data: {} }]);
      await queues.jobs.add("q2", [{ id: "same", data: {} }]);
      expect((await queues.jobs.counts("q2")).waiting).toBe(1);
      expect(await queues.jobs.remove("q2", "same")).toBe(true);
      expect(await queues.jobs.remove("q2", "same")).toBe(false);
    });

    it("goes on when the whole queue is lost, with whatever held it", async () => {
      const taken: string[] = [];
      const consumer = queues.jobs.consume("q2a", { concurrency: 1 }, async (job) => {
        taken.push(job.id);
      });
      await queues.jobs.add("q2a", [{ id: "before", data: {} }]);
      await eventually("taken before", () => taken.includes("before"));
      await loseEverything(server.url);
      const add = (id: string) =>
        queues.jobs.add("q2a", [{ id, data: {} }]).then(() => true, noticed);
      await eventually("added again", () => add("after"));
      await eventually("taken after", () => taken.includes("after"));
      await consumer.close();
    });

    it("keeps the same job once, added among few or among many", async () => {
      const jobs = Array.from({ length: 40 }, (_, n) => ({ id: `m${n}-1`, data: { n } }));
      await queues.jobs.add("q2b", jobs.slice(0, 3));
      await queues.jobs.add("q2b", jobs);
      await queues.jobs.add("q2b", jobs.slice(-3));
      expect((await queues.jobs.counts("q2b")).waiting).toBe(40);
    });

    it("shows what waits and what runs, and waits for it when closing", async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      let ended = false;
      await queues.jobs.add("q3", [
        { id: "runs", data: {} },
        { id: "waits", data: {} },
      ]);
      const consumer = queues.jobs.consume("q3", { concurrency: 1 }, async () => {
        await gate;
        ended = true;
      });
      await eventually("one active", async () => (await queues.jobs.counts("q3")).active === 1);
      expect(await queues.jobs.listed("q3")).toEqual({
        waiting: new Set(["waits"]),
        active: new Set(["runs"]),
      });
      expect(await queues.jobs.states("q3", ["runs", "waits", "other"])).toEqual([
        "active",
        "waiting",
        "missing",
      ]);
      const closed = consumer.close();
      open();
      await closed;
      expect(ended).toBe(true);
      expect((await queues.jobs.counts("q3")).waiting).toBe(1);
    });

    it("lists withdrawals, the newest first, until they are forgotten", async () => {
      const { withdrawals } = queues;
      await withdrawals.add(["old"]);
      await passes();
      const between = Date.now();
      await passes();
      for (const id of ["b", "c"]) await withdrawals.add([id]);
      expect(await withdrawals.newest(10)).toEqual(["c", "b", "old"]);
      expect(await withdrawals.newest(2)).toEqual(["c", "b"]);
      await withdrawals.forget(between);
      expect(await withdrawals.newest(10)).toEqual(["c", "b"]);
      await withdrawals.forget(Date.now() + 1);
      expect(await withdrawals.newest(10)).toEqual([]);
    });

    it("takes no more while it is paused, but for one that a fetch under way may bring", async () => {
      const taken: string[] = [];
      const consumer = queues.jobs.consume("q6", { concurrency: 1 }, async (job) => {
        taken.push(job.id);
      });
      await queues.jobs.add("q6", [{ id: "first", data: {} }]);
      await eventually("the first is taken", () => taken.length === 1);
      await consumer.pause();
      const later = ["b", "c", "d", "e"].map((id) => ({ id, data: {} }));
      await queues.jobs.add("q6", later);
      await eventually("what is under way has come", async () => {
        const { waiting, active } = await queues.jobs.counts("q6");
        return active === 0 && waiting >= later.length - 1;
      });
      consumer.resume();
      await eventually("all are taken", () => taken.length === 1 + later.length);
      await consumer.close();
    });

    it("drops a job whose handler rejects: the retry is Postgres' business", async () => {
      await queues.jobs.add("q4", [{ id: "bad", data: {} }]);
      const consumer = queues.jobs.consume("q4", { concurrency: 1 }, async () => {
        throw new Error("no");
      });
      await eventually(
        "gone",
        async () => (await queues.jobs.states("q4", ["bad"]))[0] === "missing",
      );
      await consumer.close();
    });

    it("refuses a payload over the limit", async () => {
      const data = { text: "x".repeat(2_000) };
      await expect(queues.jobs.add("q5", [{ id: "big", data }])).rejects.toMatchObject({
        code: "limit-exceeded",
      });
    });

    it("answers a ping", async () => {
      await expect(queues.ping()).resolves.toBeUndefined();
    });
  });
}

describe("queues that are not there", () => {
  it("fail fast instead of hanging", async () => {
    const queues = openQueues("redis://127.0.0.1:1", { logger });
    await expect(queues.jobs.add("q", [{ id: "a", data: {} }])).rejects.toThrow();
    await expect(queues.ping()).rejects.toThrow();
    await queues.close();
  });
});

describe("a queue on PostgreSQL whose server comes late", () => {
  it("is consumed and filled once the server is there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "axial-late-pg-"));
    await chmod(folder, 0o755);
    const port = await freePort();
    const password = "late";
    const queues = openQueues(`postgres://axial:${password}@127.0.0.1:${port}/queue`, { logger });
    const taken: string[] = [];
    const consumer = queues.jobs.consume("late", { concurrency: 2 }, async (job) => {
      taken.push(job.id);
    });
    await expect(queues.jobs.add("late", [{ id: "a", data: {} }])).rejects.toThrow();
    const server = await startLocalPostgres({
      folder: join(folder, "c"),
      durable: false,
      port,
      password,
    });
    await server.database("queue");
    await eventually("the queue takes it", () =>
      queues.jobs.add("late", [{ id: "b", data: {} }]).then(
        () => true,
        () => false,
      ),
    );
    await eventually("the job is taken", () => taken.includes("b"));
    await consumer.close();
    await queues.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
});

describe("a queue on PostgreSQL", () => {
  it("is never asked for delayed jobs and rate limits, of which it has none", async () => {
    const server = await startPostgres();
    const url = await server.createDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(
      `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET track_functions = 'all'`,
    );
    const queues = openQueues(url, { logger });
    const taken: string[] = [];
    const consumer = queues.jobs.consume("lean", { concurrency: 2 }, async (job) => {
      taken.push(job.id);
    });
    for (const id of ["a", "b"]) {
      await queues.jobs.add("lean", [{ id, data: {} }]);
      await eventually("the job is taken", () => taken.includes(id));
    }
    await consumer.close();
    await queues.close();
    const called = () =>
      client
        .query<{ name: string }>("SELECT funcname AS name FROM pg_stat_user_functions")
        .then(({ rows }) => rows.map(({ name }) => name));
    await eventually("the calls are counted", async () =>
      (await called()).includes("move_to_active"),
    );
    expect(await called()).not.toContain("next_signal");
    expect(await called()).not.toContain("next_delay");
    await client.end();
    await server.stop();
  });
});
