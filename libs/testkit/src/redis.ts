import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, tether } from "@axial/local-postgres";
import { containersWanted } from "./containers/container.ts";
import { startRedisContainer } from "./containers/redis-container.ts";
import { redisAnswers } from "./redis-answers.ts";
import type { RedisServer } from "./servers.ts";

const START_TIMEOUT_MS = 10_000;

/** Where Redis for tests comes from, or why it is not available. */
export function redisAvailability(): { available: true } | { available: false; reason: string } {
  if (process.env.AXIAL_TEST_REDIS_URL !== undefined || containersWanted())
    return { available: true };
  const found = spawnSync("redis-server", ["--version"]).status === 0;
  if (found) return { available: true };
  return {
    available: false,
    reason: "no AXIAL_TEST_REDIS_URL and no redis-server on the path",
  };
}

/** A real Redis: that of AXIAL_TEST_REDIS_URL, else one of its own on a free port. */
export async function startRedis(): Promise<RedisServer> {
  const given = process.env.AXIAL_TEST_REDIS_URL;
  if (given !== undefined) return { url: given, pid: undefined, stop: async () => {} };
  if (containersWanted()) return startRedisContainer();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "axial-test-redis-"));
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const child = spawn("redis-server", [...flags, "--maxmemory-policy", "noeviction"], {
    stdio: "ignore",
  });
  tether(child);
  await waitForPort(port, child);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill();
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await redisAnswers(`127.0.0.1:${port}`))) {
    if (child.exitCode !== null) throw new Error(`redis-server exited with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("redis-server did not answer in time");
    await delay(20);
  }
}
