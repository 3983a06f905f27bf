import type { ServerOptions } from "node:https";
import type { TLSSocket, Server as TlsServer } from "node:tls";
import { AxialError } from "@axial/contracts";
import type { FastifyInstance } from "fastify";
import type { LiveTls } from "./live-tls.ts";

const LEAST_VERSION = "TLSv1.2";

/** With what a server speaks TLS when it starts. */
export function tlsServerOptions(tls: LiveTls): ServerOptions {
  // Probes have no certificate: callers without one are rejected route by route.
  const mutual = tls.isMutual ? { requestCert: true, rejectUnauthorized: false } : {};
  return { ...contextOf(tls), ...mutual };
}

/** Serves new connections with what the files hold after a change. */
export function followTls(server: FastifyInstance, tls: LiveTls): void {
  const listening = server.server as FastifyInstance["server"] & TlsServer;
  tls.onChange(() => listening.setSecureContext(contextOf(tls)));
}

/** Refuses callers without a certificate of the authority, on every route that is not public. */
export function demandCertificates(server: FastifyInstance): void {
  server.addHook("onRequest", async ({ routeOptions, raw }) => {
    if (routeOptions.config.public === true) return;
    if ((raw.socket as TLSSocket).authorized === true) return;
    throw new AxialError("unauthenticated", { detail: "a client certificate is required" });
  });
}

function contextOf(tls: LiveTls) {
  const { cert, key, ca } = tls.material;
  return { cert, key, minVersion: LEAST_VERSION, ...(ca === null ? {} : { ca }) } as const;
}
