import { PassThrough } from "node:stream";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import {
  eventually,
  type ForgetfulNetwork,
  openForgetfulNetwork,
  type RedisServer,
  redisAvailability,
  startRedis,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const { available } = redisAvailability();

describe.skipIf(!available)("a connection to Redis of which nothing is heard", () => {
  let redis: RedisServer;
  let network: ForgetfulNetwork;
  let queues: Queues;

  beforeAll(async () => {
    redis = await startRedis();
    const url = new URL(redis.url);
    network = await openForgetfulNetwork(Number(url.port));
    url.port = String(network.port);
    queues = openQueues(url.href, { logger });
  });
  afterAll(async () => {
    await queues.close();
    await network.close();
    await redis.stop();
  });

  it("is given up by a producer, which puts the next job on the queue by a new one", async () => {
    await queues.add("lost", [{ id: "before", data: {} }]);
    network.forget();
    await expect(queues.add("lost", [{ id: "while", data: {} }])).rejects.toThrow();
    const added = () =>
      queues.add("lost", [{ id: "after", data: {} }]).then(
        () => true,
        () => false,
      );
    await eventually("the queue takes jobs again", added, 30_000);
    expect(await queues.states("lost", ["after"])).toEqual(["waiting"]);
  });
});
