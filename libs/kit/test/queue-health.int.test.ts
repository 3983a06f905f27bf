import { PassThrough } from "node:stream";
import { createLogger, createMetrics, feedQueueMetrics, openQueues, type Queues } from "@axial/kit";
import { needs, startRedis } from "@axial/testkit";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

describe("what a Redis tells of itself", needs("redis"), () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let operator: Redis;
  let queues: Queues;
  const metrics = createMetrics("test");
  const metric = async (name: string) =>
    Number(
      new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "m").exec(await metrics.registry.metrics())?.[1],
    );

  beforeAll(async () => {
    server = await startRedis();
    operator = new Redis(server.url);
    const logger = createLogger({ service: "test", destination: new PassThrough() });
    queues = openQueues(server.url, { logger });
    feedQueueMetrics(queues, metrics);
  });
  afterAll(async () => {
    operator.disconnect();
    await queues.close();
    await server.stop();
  });
  beforeEach(async () => {
    await operator.replicaof("NO", "ONE");
    await operator.config("SET", "maxmemory", "0");
    await operator.config("SET", "maxmemory-policy", "noeviction");
    await queues.ping();
    expect(await metric("axial_queue_writable")).toBe(1);
    expect(await metric("axial_queue_evicts")).toBe(0);
  });

  it("a replica that was not promoted refuses writes: READONLY", async () => {
    await operator.replicaof("127.0.0.1", 1);
    await expect(queues.ping()).rejects.toThrow(/READONLY/);
    expect(await metric("axial_queue_writable")).toBe(0);
  });

  it("a full one does too: OOM, and shows how full", async () => {
    await operator.config("SET", "maxmemory", "1mb");
    await expect(queues.ping()).rejects.toThrow(/OOM/);
    expect(await metric("axial_queue_writable")).toBe(0);
    expect(await metric("axial_queue_memory_limit_bytes")).toBe(1_048_576);
    expect(await metric("axial_queue_memory_bytes")).toBeGreaterThan(500_000);
  });

  it("one that may drop keys says so", async () => {
    await operator.config("SET", "maxmemory-policy", "allkeys-lru");
    expect(await metric("axial_queue_evicts")).toBe(1);
    expect(await queues.memory()).toMatchObject({ policy: "allkeys-lru" });
  });
});
