import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { createLogger, type Message, openQueues, type Queues } from "@axial/kit";
import { eventually, needs, queueBackends, startPostgres, startRedis } from "@axial/testkit";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "../src/queue/queues.ts";
import { LEASE_MS } from "../src/queue/stream-backend.ts";
import { loseEverything } from "./lose-everything.ts";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const ONE = { concurrency: 1 };
const MANY = { concurrency: 100 };

const messages = (...ids: string[]) => ids.map((id) => ({ id, data: { of: id } }));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

for (const backend of queueBackends()) {
  describe(`streams on ${backend.name}`, backend.options, () => {
    let server: { url: string; stop(): Promise<void> };
    let queues: Queues;
    let other: Queues;

    beforeAll(async () => {
      server = await backend.start();
      queues = openQueues(server.url, { logger });
      other = openQueues(server.url, { logger });
    });
    afterAll(async () => {
      await queues?.close();
      await other?.close();
      await server?.stop();
    });

    const isEmpty = (stream: string) =>
      eventually(
        `${stream} is empty`,
        async () => (await queues.streams.unsettled(stream)).size === 0,
        3 * LEASE_MS,
      );
    const read = (stream: string, options = MANY, by = queues) => {
      const taken: Message[] = [];
      const reading = by.streams.read(stream, options, async (message) => {
        taken.push({ id: message.id, data: message.data });
      });
      return { taken, reading };
    };

    it("hand every message to a handler once and forget it", async () => {
      await queues.streams.append("s1", messages("a", "b"));
      expect(await queues.streams.unsettled("s1")).toEqual(new Set(["a", "b"]));
      const { taken, reading } = read("s1");
      await isEmpty("s1");
      await queues.streams.append("s1", messages("c"));
      await isEmpty("s1");
      await reading.close();
      expect(taken).toEqual(messages("a", "b", "c"));
    });

    it("hand out what goes first before what waits", async () => {
      await queues.streams.append("s2", messages(...numbered(20)));
      await queues.streams.append("s2", [
        { id: "urgent", data: {}, first: true },
        { id: "late", data: {} },
      ]);
      const { taken, reading } = read("s2", ONE);
      await isEmpty("s2");
      await reading.close();
      const order = ["urgent", ...numbered(20), "late"];
      expect(taken.map(({ id }) => id).slice(0, 1)).toEqual(["urgent"]);
      expect(taken.map(({ id }) => id)).toEqual(order);
    });

    it("give each message to one of several readers", async () => {
      const readings = [read("s3"), read("s3", MANY, other)];
      await queues.streams.append("s3", messages(...numbered(500)));
      await isEmpty("s3");
      await Promise.all(readings.map(({ reading }) => reading.close()));
      const ids = readings.flatMap(({ taken }) => taken.map(({ id }) => id));
      expect(ids.toSorted()).toEqual(numbered(500).toSorted());
    });

    it("hold no more than a reader has room for", async () => {
      let [running, most] = [0, 0];
      await queues.streams.append("s4", messages(...numbered(40)));
      const reading = queues.streams.read("s4", { concurrency: 5 }, async () => {
        most = Math.max(most, ++running);
        await delay(2);
        running--;
      });
      await isEmpty("s4");
      await reading.close();
      expect(most).toBe(5);
    });

    it("hand a message out again whose handler rejected, or whose reader was lost", async () => {
      await queues.streams.append("s5", messages("lost"));
      const dead = openBackend(server.url);
      const reader = dead.streams.reader("s5");
      const held = await reader.take(10);
      expect(held.map(({ id }) => id)).toEqual(["lost"]);
      await reader.close();
      await dead.close();
      let tries = 0;
      const seen: string[] = [];
      const reading = queues.streams.read("s5", MANY, async ({ id }) => {
        seen.push(id);
        if (id === "refused" && ++tries === 1) throw new Error("not now");
      });
      await queues.streams.append("s5", messages("refused"));
      await isEmpty("s5");
      await reading.close();
      expect(seen.toSorted()).toEqual(["lost", "refused", "refused"]);
    });

    it("leave a message to a handler that takes longer than the lease", async () => {
      await queues.streams.append("s6", messages("slow"));
      let calls = 0;
      const slow = async () => {
        calls++;
        await delay(LEASE_MS + 4_000);
      };
      const readings = [
        queues.streams.read("s6", MANY, slow),
        other.streams.read("s6", MANY, slow),
      ];
      await isEmpty("s6");
      await Promise.all(readings.map((reading) => reading.close()));
      expect(calls).toBe(1);
    });

    it("wait for the handlers when they are closed, and settle what these did", async () => {
      await queues.streams.append("s7", messages("a"));
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const { promise: began, resolve: begin } = Promise.withResolvers<void>();
      const reading = other.streams.read("s7", MANY, () => {
        begin();
        return gate;
      });
      await began;
      const closed = reading.close();
      await queues.streams.append("s7", messages("b"));
      open();
      await closed;
      expect(await queues.streams.unsettled("s7")).toEqual(new Set(["b"]));
    });

    it("go on when everything is lost", async () => {
      const { taken, reading } = read("s8");
      await queues.streams.append("s8", messages("before"));
      await isEmpty("s8");
      await loseEverything(server.url);
      await eventually("appended", () =>
        queues.streams.append("s8", messages("after")).then(
          () => true,
          () => false,
        ),
      );
      await eventually("taken after", () => taken.some(({ id }) => id === "after"), 15_000);
      await reading.close();
    });

    it("refuse a message over the limit", async () => {
      const big = { id: "big", data: { text: "x".repeat(2_000) } };
      await expect(queues.streams.append("s9", [big])).rejects.toMatchObject({
        code: "limit-exceeded",
      });
    });
  });
}

describe("a stream on PostgreSQL", () => {
  it("is made on a new database while others make the queues' tables", async () => {
    const server = await startPostgres();
    for (let round = 0; round < 10; round++) {
      const url = await server.createDatabase();
      const services = Array.from({ length: 4 }, () => openQueues(url, { logger }));
      await Promise.all(
        services.flatMap((queues, index) => [
          answeredInTime(() => queues.streams.append("results", messages(`r${index}`))),
          answeredInTime(() => queues.jobs.add("jobs", messages(`j${index}`))),
        ]),
      );
      await Promise.all(services.map((queues) => queues.close()));
    }
    await server.stop();
  });

  it("is read at the cost of what is taken, however long it is", async () => {
    const server = await startPostgres();
    const url = await server.createDatabase();
    const backend = openBackend(url);
    const client = new Client({ connectionString: url });
    await client.connect();
    await backend.streams.append("long", messages(...numbered(20_000)));
    await client.query("ANALYZE axial_queue.stream_entry");
    const scans = async () => {
      const { rows } = await client.query<{ seq_tup_read: string; idx_scan: string }>(
        "SELECT seq_tup_read, idx_scan FROM pg_stat_user_tables WHERE relname = 'stream_entry'",
      );
      return { read: Number(rows[0]?.seq_tup_read), probed: Number(rows[0]?.idx_scan) };
    };
    const reader = backend.streams.reader("long");
    const before = await scans();
    for (let turn = 0; turn < 20; turn++) {
      const taken = await reader.take(64);
      expect(taken).toHaveLength(64);
      await reader.renew(taken.map(({ place }) => place));
      await reader.settle(taken.map(({ place }) => place));
    }
    await eventually("counted", async () => (await scans()).probed >= before.probed + 60);
    expect((await scans()).read).toBe(before.read);
    await reader.close();
    await backend.close();
    await client.end();
    await server.stop();
  });
});

/** Repeats what a busy machine did not answer in time, as senders do; any other error counts. */
function answeredInTime(work: () => Promise<void>): Promise<boolean> {
  return eventually("the queue answers", () =>
    work().then(
      () => true,
      (error: unknown) => {
        if (!String(error).includes("did not answer within")) throw error;
        return false;
      },
    ),
  );
}

describe("a stream on Redis", needs("redis"), () => {
  it("passes on foreign entries, and everything around them", async () => {
    const server = await startRedis();
    const queues = openQueues(server.url, { logger });
    await queues.streams.append("strange", messages("before"));
    const redis = new Redis(server.url);
    await redis.xadd("{axial}:stream:strange", "*", "id", "stranger", "data", "{not json");
    await redis.xadd("{axial}:stream:strange", "*", "something", "else");
    await queues.streams.append("strange", messages("after"));
    const taken: Message[] = [];
    const reading = queues.streams.read("strange", MANY, async ({ id, data }) => {
      taken.push({ id, data });
    });
    await eventually("settled", async () => (await queues.streams.unsettled("strange")).size === 0);
    expect(taken).toEqual([
      ...messages("before"),
      { id: "stranger", data: null },
      { id: "", data: null },
      ...messages("after"),
    ]);
    await reading.close();
    await queues.close();
    redis.disconnect();
    await server.stop();
  });
});
