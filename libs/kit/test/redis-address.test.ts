import { describe, expect, it } from "vitest";
import { isRedisAddress, redisAddress } from "../src/queue/redis-address.ts";

describe("an address of a Redis", () => {
  it("names one server, with a password and a database", () => {
    expect(redisAddress("redis://redis.house/2")).toEqual({
      kind: "single",
      options: { host: "redis.house", port: 6379, db: 2 },
    });
    expect(redisAddress("rediss://axial:p%40ss@redis:7000")).toEqual({
      kind: "single",
      options: { username: "axial", password: "p@ss", host: "redis", port: 7000, db: 0, tls: {} },
    });
    expect(redisAddress("redis://[::1]:6380").options).toMatchObject({ host: "::1", port: 6380 });
  });

  it("names sentinels and the master that they watch", () => {
    expect(redisAddress("redis+sentinel://:secret@a,b:26380/axial/1")).toEqual({
      kind: "sentinel",
      options: {
        password: "secret",
        sentinelPassword: "secret",
        name: "axial",
        db: 1,
        sentinels: [
          { host: "a", port: 26379 },
          { host: "b", port: 26380 },
        ],
      },
    });
    expect(() => redisAddress("redis+sentinel://a,b")).toThrow("ends with the master");
  });

  it("names nodes of a cluster", () => {
    const address = redisAddress("redis+cluster://a:7000,b:7001");
    expect(address).toMatchObject({ kind: "cluster", nodes: [{ port: 7000 }, { host: "b" }] });
  });

  it("is told from others, and never quoted", () => {
    expect(isRedisAddress("postgres://localhost/axial")).toBe(false);
    expect(() => redisAddress("redis:/secret")).toThrow(/^AXIAL_QUEUE_URL: not an address/);
  });
});
