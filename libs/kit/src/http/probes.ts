import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";

/** One condition of readiness. */
export interface Probe {
  readonly name: string;
  /** Rejects with the reason when the service cannot do its work. */
  check(): Promise<void>;
  /** What an operator should know although the check passes; null when there is nothing. */
  note?(): string | null;
}

/** A dependency that answers later than this is down as far as readiness goes. */
const PROBE_TIMEOUT_MS = 2_000;

interface ProbeRoutes {
  readonly probes: readonly Probe[];
  readonly metrics: Metrics;
}

/** `/livez` (the event loop turns), `/readyz` (every probe passes; reasons and notes), `/metrics`. */
export function registerProbes(server: FastifyInstance, routes: ProbeRoutes): void {
  const config = { public: true };
  server.get("/livez", { config, schema: { hide: true } }, async () => ({ status: "ok" }));
  server.get("/readyz", { config, schema: { hide: true } }, async (_request, reply) => {
    const failures = await failedProbes(routes.probes);
    reply.code(failures.length === 0 ? 200 : 503);
    const notes = routes.probes.flatMap(({ name, note }) => {
      const text = note?.() ?? null;
      return text === null ? [] : [{ name, note: text }];
    });
    return { status: failures.length === 0 ? "ok" : "unready", failures, notes };
  });
  server.get("/metrics", { config, schema: { hide: true } }, async (_request, reply) => {
    reply.type(routes.metrics.registry.contentType);
    return routes.metrics.registry.metrics();
  });
}

async function failedProbes(probes: readonly Probe[]): Promise<{ name: string; reason: string }[]> {
  const outcomes = await Promise.all(probes.map(runProbe));
  return outcomes.filter((outcome) => outcome !== null);
}

async function runProbe(probe: Probe): Promise<{ name: string; reason: string } | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), PROBE_TIMEOUT_MS);
  });
  try {
    await Promise.race([probe.check(), late]);
    return null;
  } catch (error) {
    return { name: probe.name, reason: error instanceof Error ? error.message : "failed" };
  } finally {
    clearTimeout(timer);
  }
}
