import { Cluster, type Redis } from "ioredis";
import type { QueueMemory } from "./stream-backend.ts";

/** Keys go by policies of this family only when nothing else may be dropped: never. */
const KEEPS_EVERYTHING = "noeviction";
const PROBE_TTL_SECONDS = 60;

/**
 * Rejects with Redis' own reason when it does not take writes: `READONLY` (a replica), `OOM` (full),
 * `MISCONF` (it cannot save). A PING would succeed.
 */
export async function demandWrites(connection: Redis | Cluster, prefix: string): Promise<void> {
  await connection.set(`${prefix}:probe`, "", "EX", PROBE_TTL_SECONDS);
}

/** The memory of Redis; of a cluster, that of its fullest master. */
export async function readMemory(connection: Redis | Cluster): Promise<QueueMemory> {
  const nodes = connection instanceof Cluster ? connection.nodes("master") : [connection];
  const memories = await Promise.all(nodes.map(async (node) => parse(await node.info("memory"))));
  return memories.reduce((worst, memory) => (share(memory) > share(worst) ? memory : worst));
}

function parse(info: string): QueueMemory {
  const fields = new Map(
    info
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
  const policy = fields.get("maxmemory_policy") ?? "unknown";
  return {
    usedBytes: Number(fields.get("used_memory") ?? 0),
    limitBytes: Number(fields.get("maxmemory") ?? 0),
    policy,
    evicts: policy !== KEEPS_EVERYTHING,
  };
}

function share({ usedBytes, limitBytes }: QueueMemory): number {
  return limitBytes === 0 ? 0 : usedBytes / limitBytes;
}
