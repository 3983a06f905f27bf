import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";

/** One condition of readiness. */
export interface Probe {
  readonly name: string;
  /** Rejects with the reason when the service cannot do its work. */
  check(): Promise<void>;
  /**
   * False for a dependency that the service can do without for a while: it is then degraded but
   * ready.
   */
  readonly needed?: boolean;
  /** A note for operators although the check passes, or null. */
  note?(): string | null;
}

/** A dependency that takes longer than this counts as down. */
const PROBE_TIMEOUT_MS = 2_000;

interface ProbeRoutes {
  readonly probes: readonly Probe[];
  readonly metrics: Metrics;
}

/**
 * `/livez` (the event loop turns), `/readyz` (every needed probe passes; reasons and notes),
 * `/metrics`.
 */
export function registerProbes(server: FastifyInstance, routes: ProbeRoutes): void {
  const config = { public: true };
  server.get("/livez", { config, schema: { hide: true } }, async () => ({ status: "ok" }));
  server.get("/readyz", { config, schema: { hide: true } }, async (_request, reply) => {
    const failed = await failedProbes(routes);
    const failures = reasonsOf(failed.filter(({ needed }) => needed));
    const degraded = reasonsOf(failed.filter(({ needed }) => !needed));
    reply.code(failures.length === 0 ? 200 : 503);
    const notes = routes.probes.flatMap(({ name, note }) => {
      const text = note?.() ?? null;
      return text === null ? [] : [{ name, note: text }];
    });
    return { status: statusOf(failures, degraded), failures, degraded, notes };
  });
  server.get("/metrics", { config, schema: { hide: true } }, async (_request, reply) => {
    reply.type(routes.metrics.registry.contentType);
    return routes.metrics.registry.metrics();
  });
}

interface FailedProbe {
  readonly name: string;
  readonly reason: string;
  readonly needed: boolean;
}

function reasonsOf(failed: readonly FailedProbe[]) {
  return failed.map(({ name, reason }) => ({ name, reason }));
}

function statusOf(failures: readonly object[], degraded: readonly object[]) {
  if (failures.length > 0) return "unready";
  return degraded.length > 0 ? "degraded" : "ok";
}

async function failedProbes({ probes, metrics }: ProbeRoutes): Promise<FailedProbe[]> {
  const outcomes = await Promise.all(probes.map(runProbe));
  outcomes.forEach((outcome, index) => {
    const dependency = probes[index]?.name ?? "";
    metrics.dependencyUp.set({ dependency }, outcome === null ? 1 : 0);
  });
  return outcomes.filter((outcome) => outcome !== null);
}

async function runProbe({ name, check, needed = true }: Probe): Promise<FailedProbe | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), PROBE_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return null;
  } catch (error) {
    return { name, reason: reasonOf(error), needed };
  } finally {
    clearTimeout(timer);
  }
}

/** An address that was tried over IPv6 and IPv4 fails with a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
