import type { Backend } from "./backend.ts";
import { postgresBackend } from "./postgres-backend.ts";
import { isRedisAddress } from "./redis-address.ts";
import { redisBackend } from "./redis-backend.ts";

/** The backend that the scheme of `url` names: redis(s)(+sentinel|+cluster):// or postgres(ql)://. */
export function openBackend(url: string): Backend {
  if (isRedisAddress(url)) return redisBackend(url);
  if (/^postgres(ql)?:\/\//.test(url)) return postgresBackend(url);
  throw new Error("AXIAL_QUEUE_URL: neither an address of a Redis nor of a PostgreSQL");
}
