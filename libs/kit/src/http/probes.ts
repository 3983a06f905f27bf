import { AXIAL_VERSION } from "@axial/contracts";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";
import type { Probe } from "./probe.ts";
import { type FailedProbe, ProbeRounds } from "./probe-rounds.ts";

/** Asked again and again by orchestrators and Prometheus. */
export const PROBE_PATHS: readonly string[] = ["/livez", "/readyz", "/metrics"];

/**
 * Who may read `/metrics`, which names tenants and says how much each has to do: everyone who
 * reaches the port, or callers on this machine and, from elsewhere, keys of the home tenant.
 */
export type MetricsAccess = "open" | "key";

interface ProbeRoutes {
  readonly probes: readonly Probe[];
  readonly metrics: Metrics;
  readonly metricsAccess: MetricsAccess;
}

/**
 * `/livez` (the event loop turns), `/readyz` (every needed probe passes; reasons and notes),
 * `/metrics` (probes are asked for it too: a process that no orchestrator asks has alarms as well).
 */
export function registerProbes(server: FastifyInstance, routes: ProbeRoutes): void {
  const config = { public: true };
  const rounds = new ProbeRounds(routes.probes, routes.metrics);
  server.get("/livez", { config, schema: { hide: true } }, async () => ({ status: "ok" }));
  server.get("/readyz", { config, schema: { hide: true } }, async (_request, reply) => {
    const failed = await rounds.failed();
    const failures = reasonsOf(failed.filter(({ needed }) => needed));
    const degraded = reasonsOf(failed.filter(({ needed }) => !needed));
    reply.code(failures.length === 0 ? 200 : 503);
    const notes = routes.probes.flatMap(({ name, note }) => {
      const text = note?.() ?? null;
      return text === null ? [] : [{ name, note: text }];
    });
    const status = statusOf(failures, degraded);
    return { status, version: AXIAL_VERSION, failures, degraded, notes };
  });
  const asked = {
    ...config,
    role: "reader",
    keyFromElsewhere: routes.metricsAccess === "key",
  } as const;
  server.get("/metrics", { config: asked, schema: { hide: true } }, async (_request, reply) => {
    await rounds.failed();
    reply.type(routes.metrics.registry.contentType);
    return routes.metrics.registry.metrics();
  });
}

function reasonsOf(failed: readonly FailedProbe[]) {
  return failed.map(({ name, reason }) => ({ name, reason }));
}

function statusOf(failures: readonly object[], degraded: readonly object[]) {
  if (failures.length > 0) return "unready";
  return degraded.length > 0 ? "degraded" : "ok";
}
