import type { IncomingHttpHeaders } from "node:http";
import { AxialError, newId, type TenantId } from "@axial/contracts";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { LiveTls } from "../tls/live-tls.ts";
import { demandCertificates, followTls, tlsServerOptions } from "../tls/tls-server.ts";
import { NO_TRACING, type Tracing } from "../tracing/tracing.ts";
import { type RecordAccess, registerAccess } from "./access.ts";
import { registerActingTenant } from "./acting-tenant.ts";
import { registerAuthentication } from "./authentication.ts";
import { answerClientError } from "./client-error.ts";
import { registerContentEncoding } from "./content-encoding.ts";
import { errorHandler, type IsOutage } from "./error-handler.ts";
import type { LoginBackoff } from "./login-backoff.ts";
import { observeRequests } from "./observe-requests.ts";
import type { Authenticate } from "./principal.ts";
import type { Probe } from "./probe.ts";
import { type MetricsAccess, registerProbes } from "./probes.ts";
import { ProxyTrust } from "./proxy-trust.ts";
import { refuseUnstorable, undecodable } from "./refuse-unstorable.ts";
import { type RequestQuota, registerRequestQuota } from "./request-quota.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import { tidyPath } from "./tidy-path.ts";
import { traceRequests } from "./trace-requests.ts";

interface HttpServerOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly probes: readonly Probe[];
  /** `open` by default: a network policy keeps strangers away. */
  readonly metricsAccess?: MetricsAccess | undefined;
  /** Without it only public routes are served. */
  readonly authenticate?: Authenticate;
  /** Whether there is a tenant to act for; without it no request acts for another than its key's. */
  readonly hasTenant?: (tenant: TenantId) => Promise<boolean>;
  /** Throttles callers that keep sending wrong keys; without it, none are throttled. */
  readonly backoff?: LoginBackoff;
  /** How many requests each tenant may send; any number without it. */
  readonly quota?: RequestQuota;
  /** Where reads of patient data and refused attempts are recorded; nowhere without it. */
  readonly audit?: RecordAccess;
  /** Which errors mean that a dependency is down; none by default. */
  readonly isOutage?: IsOutage;
  /** The public address of the server, without a trailing slash. */
  readonly publicUrl?: string | undefined;
  /** Addresses and networks of proxies whose forwarding headers are trusted. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Speaks TLS with it; HTTP without it. */
  readonly tls?: LiveTls | null | undefined;
  /** Where the spans of requests go; nowhere without it. */
  readonly tracing?: Tracing;
  /** Bytes of a JSON body; streaming routes have limits of their own. */
  readonly bodyLimit?: number;
}

/** JSON bodies are small: ids, filters, settings. */
const JSON_BODY_LIMIT = 1 << 20;
/** A slow upload keeps sending; a silent one is cut off after this. */
const CONNECTION_TIMEOUT_MS = 120_000;
/** Plugins read files and compile schemas: on a busy machine that outlasts the ten seconds of Fastify. */
const PLUGIN_TIMEOUT_MS = 120_000;
/**
 * A request that has not arrived by then is cut off: 64 GB at 1.5 MB/s. Uncommitted blobs become
 * garbage, and the collector relies on this limit (docs/adr/0009).
 */
const REQUEST_TIMEOUT_MS = 12 * 3_600_000;

/**
 * The Fastify server of every service: schemas by TypeBox, request ids, problem documents (RFC
 * 9457), bearer keys on every route that is not public, and /livez, /readyz, /metrics. Services
 * register their app plugin on it. Fastify's own request lines are off: they hold paths, and so UIDs.
 */
export async function createHttpServer(options: HttpServerOptions) {
  const { tls } = options;
  const answerError = errorHandler(options.isOutage ?? (() => false));
  const server = fastify({
    // The router's complaint about a path would quote it, and hooks do not run then.
    frameworkErrors: (_error, request, reply) => void answerError(undecodable(), request, reply),
    clientErrorHandler: answerClientError,
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? JSON_BODY_LIMIT,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    pluginTimeout: PLUGIN_TIMEOUT_MS,
    forceCloseConnections: "idle",
    // A request on its way while the server closes is answered, and its connection ends with it.
    return503OnClosing: false,
    ...(tls == null ? {} : { https: tlsServerOptions(tls) }),
    // WADO-RS takes lists of frames in its path.
    routerOptions: { maxParamLength: 4_096 },
    rewriteUrl: ({ url }) => tidyPath(url ?? "/"),
    genReqId: ({ headers }) => requestId(headers),
  });
  server.decorate("publicUrl", options.publicUrl?.replace(/\/+$/, "") || null);
  server.decorate("proxyTrust", new ProxyTrust(options.trustedProxies ?? []));
  server.setErrorHandler(answerError);
  server.setNotFoundHandler(() => {
    throw new AxialError("not-found", { detail: "no such route" });
  });
  countRequestsInFlight(server, options.metrics);
  traceRequests(server, options.tracing ?? NO_TRACING);
  observeRequests(server, options.metrics);
  registerSecurityHeaders(server);
  if (tls != null) followTls(server, tls);
  if (tls?.isMutual === true) demandCertificates(server);
  registerAuthentication(server, options);
  await registerRequestQuota(server, options);
  registerActingTenant(server, options);
  registerAccess(server, options.audit);
  registerContentEncoding(server);
  refuseUnstorable(server);
  const { probes, metrics, metricsAccess = "open" } = options;
  registerProbes(server, { probes, metrics, metricsAccess });
  return server.withTypeProvider<TypeBoxTypeProvider>();
}

export type HttpServer = Awaited<ReturnType<typeof createHttpServer>>;

/**
 * Keeps `axial_http_requests_in_flight`: a request counts from its head to the end of its answer,
 * or until its connection is gone.
 */
function countRequestsInFlight(server: FastifyInstance, metrics: Metrics): void {
  server.addHook("onRequest", async (_request, reply) => {
    metrics.requestsInFlight.inc();
    reply.raw.once("close", () => metrics.requestsInFlight.dec());
  });
}

/** Of a UUID, a hexadecimal or a proxy's own id: nothing that could be a name or a sentence. */
const REQUEST_ID = /^(?=.*\d)[0-9A-Za-z_.:-]{8,64}$/;

/** The caller's `x-request-id` where it looks like an id, else one of our own. */
function requestId(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : newId();
}
