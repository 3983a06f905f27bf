import type { EngineConfig } from "../protocol.ts";
import type { InstalledModel } from "./installed-models.ts";

/** Weights may be held several times over, up to this many bytes. */
const SESSION_MEMORY = 2 ** 31;
/** Weights are stored as float16 and held as float32. */
const IN_MEMORY = 2;

type Wanted = Pick<EngineConfig, "providers" | "cpus" | "sessions" | "sessionThreads">;

/**
 * How many sessions run side by side, and the threads of each. On the CPU one thread per session
 * wastes nothing: the threads of one session wait for each other at every operator, and decoding
 * on the same CPUs makes each wait for the slowest. A device is fed by one session.
 */
export function planSessions(
  wanted: Wanted,
  models: readonly InstalledModel[],
): { sessions: number; sessionThreads: number } {
  const weights = models.reduce((sum, { manifest }) => sum + manifest.weights.bytes, 0);
  const affordable = Math.floor(SESSION_MEMORY / Math.max(1, weights * IN_MEMORY));
  const suitable = wanted.providers[0] === "cpu" ? Math.min(wanted.cpus, affordable) : 1;
  const sessions = wanted.sessions || Math.max(1, suitable);
  return {
    sessions,
    sessionThreads: wanted.sessionThreads || Math.max(1, Math.floor(wanted.cpus / sessions)),
  };
}
