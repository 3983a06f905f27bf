import { AxialError, type Role, roleAllows } from "@axial/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Authenticate, Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal | null;
  }
  interface FastifySchema {
    /** Left out of the OpenAPI document. */
    hide?: boolean;
  }
  interface FastifyContextConfig {
    /** Needs no key: probes and the console's static files. */
    public?: boolean;
    /** The least role that may call the route; admin by default. */
    role?: Role;
  }
}

const BEARER = /^Bearer ([\x21-\x7e]{16,256})$/i;

/** Requires a valid bearer key with the route's role before any of the body is read. */
export function registerAuthentication(server: FastifyInstance, authenticate?: Authenticate): void {
  server.decorateRequest("principal", null);
  server.addHook("onRequest", async (request: FastifyRequest) => {
    const route = request.routeOptions.config;
    if (route.public === true || request.is404) return;
    const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
    const principal = token === undefined ? null : ((await authenticate?.(token)) ?? null);
    if (principal === null) throw new AxialError("unauthenticated");
    if (!roleAllows(principal.role, route.role ?? "admin")) throw new AxialError("forbidden");
    request.principal = principal;
  });
}

/** The principal of an authenticated request. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AxialError("unauthenticated");
  return request.principal;
}
