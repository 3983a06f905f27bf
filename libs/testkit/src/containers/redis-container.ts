import { eventually } from "../eventually.ts";
import { redisAnswers } from "../redis-answers.ts";
import type { RedisServer } from "../servers.ts";
import { startContainer } from "./container.ts";

const START_TIMEOUT_MS = 60_000;
const FLAGS = ["--save", "", "--protected-mode", "no", "--maxmemory-policy", "noeviction"];

/** The cluster's Redis, with nothing kept. */
export async function startRedisContainer(): Promise<RedisServer> {
  const container = await startContainer({
    image: "redis",
    port: 6379,
    command: ["redis-server", ...FLAGS],
  });
  await eventually("Redis answers", () => redisAnswers(container.address), START_TIMEOUT_MS);
  return { url: `redis://${container.address}`, pid: container.pid, stop: container.stop };
}
