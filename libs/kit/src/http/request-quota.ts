import { AxialError, type TenantId } from "@axial/contracts";
import rateLimit, { type FastifyRateLimitStore } from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";

const MINUTE_MS = 60_000;

/** How many requests each tenant may send in a minute, counted over all processes. */
export interface RequestQuota {
  /** Null for any number. */
  readonly limitOf: (tenant: TenantId) => Promise<number | null>;
  /** Counts a request; how many there were in this minute, and the milliseconds that it has left. */
  readonly count: (tenant: string) => { readonly current: number; readonly ttl: number };
}

interface QuotaOptions {
  readonly quota?: RequestQuota | undefined;
  readonly metrics: Metrics;
}

/**
 * Answers `rate-limited` with Retry-After to requests beyond their tenant's quota, before any of
 * the body is read. Routes without a key do not count.
 */
export async function registerRequestQuota(
  server: FastifyInstance,
  { quota, metrics }: QuotaOptions,
): Promise<void> {
  if (quota === undefined) return;
  await server.register(rateLimit, {
    global: false,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ principal }) => principal?.tenant ?? "",
    max: async ({ principal }) => (principal && (await quota.limitOf(principal.tenant))) ?? 0,
    allowList: async ({ principal }) =>
      principal === null || (await quota.limitOf(principal.tenant)) === null,
    store: storeOf(quota),
  });
  const check = server.createRateLimit();
  server.addHook("onRequest", async (request, reply) => {
    if (request.principal === null) return;
    const found = await check(request);
    if (found.isAllowed) return;
    const { max, remaining, ttlInSeconds: retryAfterSeconds, isExceeded } = found;
    reply.header("x-ratelimit-limit", max).header("x-ratelimit-remaining", remaining);
    if (!isExceeded) return;
    metrics.quotaRefused.inc({ quota: "requests" });
    const detail = `${max} requests of the tenant in a minute`;
    throw new AxialError("rate-limited", { detail, retryAfterSeconds });
  });
}

/** The plugin makes its store by itself. */
function storeOf({ count }: RequestQuota) {
  return class Store implements FastifyRateLimitStore {
    incr(key: string, done: Parameters<FastifyRateLimitStore["incr"]>[1]): void {
      done(null, count(key));
    }

    child(): Store {
      return this;
    }
  };
}
