import { openBlobStore } from "@axial/blobs";
import { AxialError } from "@axial/contracts";
import {
  type Authenticate,
  createHttpServer,
  createMetrics,
  feedQueueMetrics,
  type Logger,
  openQueues,
  type Probe,
  type Queues,
  type Shutdown,
} from "@axial/kit";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { probeWrites } from "@axial/store/health";
import { createAuthenticator } from "@axial/store/keys";
import type { FastifyInstance } from "fastify";
import { AuditTrail } from "./audit-trail.ts";
import type { Connections } from "./connections.ts";
import { prepareDatabase } from "./prepare-database.ts";
import type { Hosted } from "./service.ts";

export interface HostOptions {
  /** Label of every metric. */
  readonly name: string;
  readonly databaseUrl: string;
  readonly blobUrl: string;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
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
  /** False for a service that only reads, with a role that may do no more; true by default. */
  readonly databaseWrites?: boolean;
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
  #prepared = false;
  #writes = true;

  constructor({ name, databaseUrl, blobUrl, logger, shutdown }: HostOptions) {
    const db = openDatabase(databaseUrl, {
      onIdleError: (error) => {
        if (!shutdown.signal.aborted) logger.warn({ err: error }, "lost a database connection");
      },
    });
    shutdown.onClose("database", () => db.destroy());
    const blobs = openBlobStore(blobUrl);
    const metrics = createMetrics(name);
    const trail = new AuditTrail(db);
    shutdown.onClose("audit", () => trail.close());
    const audit = trail.record;
    this.connections = { db, databaseUrl, blobs, blobUrl, logger, metrics, audit };
    this.#shutdown = shutdown;
    this.#name = name;
    this.#probes = [
      { name: "database", check: () => this.#checkDatabase() },
      { name: "blobs", check: () => blobs.ping() },
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
    const { db, logger, metrics, audit } = this.connections;
    this.#writes = options.databaseWrites ?? true;
    const server = await createHttpServer({
      logger,
      metrics,
      probes: this.#probes.map((probe) =>
        probe.name === "blobs" ? { ...probe, needed: blobsNeeded } : probe,
      ),
      authenticate: this.#authenticator(),
      audit,
      isOutage: isTransientDatabaseError,
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

  /** Keys are looked up, and routes called, once the schema is current. */
  #authenticator(): Authenticate {
    const authenticate = createAuthenticator(this.connections.db);
    return async (token) => {
      if (!this.#prepared) throw new AxialError("unavailable", { detail: "waiting for Postgres" });
      return authenticate(token);
    };
  }
}
