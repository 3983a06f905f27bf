import { eventually } from "@axial/testkit";
import { Redis } from "ioredis";
import { Client } from "pg";

/** The effect of FLUSHALL, or of dropping the queue's schema. */
export async function loseEverything(url: string): Promise<void> {
  if (url.startsWith("redis:")) {
    const redis = new Redis(url);
    await redis.flushall();
    return redis.disconnect();
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  const drop = () =>
    client.query("DROP SCHEMA axial_queue CASCADE").then(
      () => true,
      () => false,
    );
  await eventually("dropped", drop);
  await client.end();
}
