import { openBlobStore } from "@axial/blobs";
import { AxialError, type TenantId } from "@axial/contracts";
import {
  type Authenticate,
  createHttpServer,
  createMetrics,
  feedQueueMetrics,
  LiveTls,
  type Logger,
  LoginBackoff,
  NO_TRACING,
  openQueues,
  type Probe,
  type Queues,
  type Shutdown,
  type TlsFiles,
  type Tracing,
} from "@axial/kit";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { probeWrites } from "@axial/store/health";
import { createAuthenticator } from "@axial/store/keys";
import { addLoginFailure } from "@axial/store/quotas";
import type { FastifyInstance } from "fastify";
import { AuditTrail } from "./audit-trail.ts";
import type { Connections } from "./connections.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { SharedRequestQuota } from "./request-quota.ts";
import type { Hosted } from "./service.ts";
import type { OidcSettings } from "./sign-in/oidc-settings.ts";
import { createTokenAuthenticator } from "./sign-in/token-authenticator.ts";
import { TenantLimitCache } from "./tenant-limit-cache.ts";

export interface HostOptions {
  /** Label of every metric. */
  readonly name: string;
  readonly databaseUrl: string;
  readonly blobUrl: string;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  /** The identity provider whose tokens are taken beside API keys; null or left out: none. */
  readonly oidc?: OidcSettings | null;
  /** Where spans go; closed with the host. Nowhere when left out. */
  readonly tracing?: Tracing;
  /** Files with which the server speaks TLS; HTTP without them. */
  readonly tls?: TlsFiles | null;
}

export interface ServeOptions {
  readonly services: readonly Hosted[];
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /**
   * Waits for a migration by another process, with a role that may do less; migrates by default.
   */
  readonly schema?: "migrate" | "wait";
  /** The public address of the server. */
  readonly publicUrl?: string | undefined;
  /** Proxies whose forwarding headers are trusted. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** False for a service that can work without the blob store for a while; true by default. */
  readonly blobsNeeded?: boolean;
  /**
   * False for a service that only reads, with a role in the database and a credential of the blob
   * store that may do no more; true by default.
   */
  readonly writes?: boolean;
  /** Who may read `/metrics`; everyone by default. */
  readonly metricsAccess?: "open" | "key" | undefined;
  /** Made an admin key of the home tenant, unless it is one already. */
  readonly adminKey?: string | undefined;
  /** Applied to the server itself before the services are registered: it sees their routes. */
  readonly extend?: (server: FastifyInstance) => Promise<void>;
}

/**
 * A process with a database: connections, each with its probe and its place in the shutdown, and
 * one HTTP server for the services. Opening does not connect yet, so that a process starts, and
 * reports what it waits for, whatever is down.
 */
export class ServiceHost {
  readonly connections: Connections;
  readonly #shutdown: Shutdown;
  readonly #probes: Probe[];
  readonly #name: string;
  readonly #limits: TenantLimitCache;
  readonly #quota: SharedRequestQuota;
  readonly #oidc: OidcSettings | null;
  readonly #tls: LiveTls | null;
  #prepared = false;
  #writes = true;

  constructor(options: HostOptions) {
    const { name, databaseUrl, blobUrl, logger, shutdown, oidc = null, tls = null } = options;
    const { tracing = NO_TRACING } = options;
    shutdown.onClose("tracing", () => tracing.close());
    const db = openDatabase(databaseUrl, {
      onIdleError: (error) => {
        if (!shutdown.signal.aborted) logger.warn({ err: error }, "lost a database connection");
      },
    });
    shutdown.onClose("database", () => db.destroy());
    const blobs = openBlobStore(blobUrl);
    const metrics = createMetrics(name, { exemplars: tracing.isOn });
    const trail = new AuditTrail(db);
    shutdown.onClose("audit", () => trail.close());
    const audit = trail.record;
    this.#tls = tls === null ? null : new LiveTls(tls, { logger, metrics });
    shutdown.onClose("tls", async () => this.#tls?.close());
    const connections = { db, databaseUrl, blobs, blobUrl, logger, metrics, audit, tracing };
    this.connections = { ...connections, tls: this.#tls };
    this.#oidc = oidc;
    this.#limits = new TenantLimitCache(db);
    this.#quota = new SharedRequestQuota({ db, limits: this.#limits, logger });
    shutdown.onClose("request counts", () => this.#quota.close());
    this.#shutdown = shutdown;
    this.#name = name;
    this.#probes = [
      { name: "database", check: () => this.#checkDatabase() },
      { name: "blobs", check: () => (this.#writes ? blobs.ping() : blobs.pingReads()) },
    ];
  }

  /** Opens the queue; `needed` is false for a service that can work without it for a while. */
  openQueue(url: string, { needed }: { readonly needed: boolean }): Queues {
    const queues = openQueues(url, { logger: this.connections.logger });
    feedQueueMetrics(queues, this.connections.metrics);
    this.#shutdown.onClose("queue", () => queues.close());
    this.#probes.push({ name: "queue", check: () => queues.ping(), needed });
    return queues;
  }

  /**
   * Listens at once, unready; brings the schema up to date or waits until it is, and for Postgres
   * where it has to; then starts the services. Resolves with the address once they are started, or
   * when a shutdown begins before. A shutdown closes the server, then the services in reverse, then
   * the connections.
   */
  async serve(options: ServeOptions): Promise<string> {
    const { services, host, port, schema, adminKey, extend, blobsNeeded = true } = options;
    const { db, logger, metrics, audit, tracing = NO_TRACING } = this.connections;
    this.#writes = options.writes ?? true;
    const server = await createHttpServer({
      logger,
      metrics,
      probes: this.#probes.map((probe) =>
        probe.name === "blobs" ? { ...probe, needed: blobsNeeded } : probe,
      ),
      authenticate: this.#authenticator(),
      hasTenant: this.#hasTenant,
      backoff: new LoginBackoff((address) => addLoginFailure(db, address)),
      quota: this.#quota,
      audit,
      isOutage: isTransientDatabaseError,
      tls: this.#tls,
      tracing,
      metricsAccess: options.metricsAccess,
      publicUrl: options.publicUrl,
      trustedProxies: options.trustedProxies,
    });
    await extend?.(server);
    for (const { name, app, close } of services) {
      if (app !== undefined) await server.register(app);
      if (close !== undefined) this.#shutdown.onClose(name, close);
    }
    this.#shutdown.onClose("http", () => server.close());
    const address = await server.listen({ host, port });
    const { signal } = this.#shutdown;
    await prepareDatabase(db, { logger, signal, schema, adminKey });
    if (signal.aborted) return address;
    this.#prepared = true;
    for (const { start } of services) await start?.();
    return address;
  }

  /** A standby, a full disk and a lost synchronous replica answer reads: writes are tried. */
  async #checkDatabase(): Promise<void> {
    const { db, metrics } = this.connections;
    await pingDatabase(db);
    if (!this.#prepared) throw new Error("its schema is not up to date yet");
    if (!this.#writes) return;
    const asked = Date.now();
    const theirs = (await probeWrites(db, this.#name)).getTime();
    const ours = (asked + Date.now()) / 2;
    metrics.clockSkew.set({ process: this.#name }, (ours - theirs) / 1_000);
  }

  readonly #hasTenant = async (tenant: TenantId): Promise<boolean> =>
    (await this.#limits.of(tenant)).exists;

  /** Keys are looked up, and routes called, once the schema is current. */
  #authenticator(): Authenticate {
    const { db, logger } = this.connections;
    const settings = this.#oidc;
    const keys = createAuthenticator(db);
    const authenticate =
      settings === null
        ? keys
        : createTokenAuthenticator({
            settings,
            logger,
            otherwise: keys,
            hasTenant: this.#hasTenant,
          });
    return async (token) => {
      if (!this.#prepared) throw new AxialError("unavailable", { detail: "waiting for Postgres" });
      return authenticate(token);
    };
  }
}
