import { createConnection } from "node:net";
import { openDatabase } from "@axial/store/database";
import { sql } from "kysely";

/** Bytes that the queue's server holds: Redis' memory, or BullMQ's tables with their indexes. */
export function queueBytes(url: string): Promise<number> {
  return url.startsWith("redis") ? redisBytes(url) : tableBytes(url);
}

async function tableBytes(url: string): Promise<number> {
  const db = openDatabase(url, { poolSize: 1 });
  const { rows } = await sql<{ bytes: string }>`
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS bytes FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'axial_queue'::regnamespace`.execute(db);
  await db.destroy();
  return Number(rows[0]?.bytes ?? 0);
}

/** `INFO memory` in Redis' inline form: one command, one answer. */
async function redisBytes(url: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port || 6_379), hostname);
  try {
    socket.write("INFO memory\r\n");
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      const found = /used_memory:(\d+)\r\n/.exec(text);
      if (found !== null) return Number(found[1]);
    }
    throw new Error("Redis did not say how much memory it uses");
  } finally {
    socket.destroy();
  }
}
