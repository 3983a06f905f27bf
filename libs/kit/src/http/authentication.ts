import { AxialError, type Role, roleAllows } from "@axial/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Access, clientAddress, type RecordAccess } from "./access.ts";
import type { Authenticate, Authentication, Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on every route that is not public. */
    principal: Principal | null;
  }
  interface FastifyInstance {
    authenticate: Authenticate;
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

interface AuthenticationOptions {
  /** Without it only public routes are served. */
  readonly authenticate?: Authenticate | undefined;
  /** Where refused attempts are recorded. */
  readonly audit?: RecordAccess | undefined;
}

const BEARER = /^Bearer ([\x21-\x7e]{16,256})$/i;
const NO_KEY: Authentication = { status: "refused", reason: "no-key" };

/**
 * Requires a valid bearer key with the route's role before any of the body is read. Records what
 * it refuses, except a request without any key.
 */
export function registerAuthentication(
  server: FastifyInstance,
  { authenticate = async () => NO_KEY, audit }: AuthenticationOptions,
): void {
  server.decorateRequest("principal", null);
  server.decorate("authenticate", authenticate);
  server.addHook("onRequest", async (request: FastifyRequest) => {
    const route = request.routeOptions.config;
    if (route.public === true || request.is404) return;
    const found = await authenticationOf(request);
    if (found.status === "refused") {
      if (found.reason !== "no-key") await audit?.(refusedLogin(request, found));
      throw new AxialError("unauthenticated");
    }
    if (!roleAllows(found.principal.role, roleOf(request))) {
      await audit?.(refusedAccess(request, found.principal));
      throw new AxialError("forbidden");
    }
    request.principal = found.principal;
  });
}

/** The principal of an authenticated request. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AxialError("unauthenticated");
  return request.principal;
}

/** Whether the request's key is still valid and still has the route's role. */
export async function isStillAllowed(request: FastifyRequest): Promise<boolean> {
  const found = await authenticationOf(request);
  return found.status === "accepted" && roleAllows(found.principal.role, roleOf(request));
}

async function authenticationOf({ headers, server }: FastifyRequest): Promise<Authentication> {
  const token = BEARER.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? NO_KEY : server.authenticate(token);
}

function roleOf({ routeOptions }: FastifyRequest): Role {
  return routeOptions.config.role ?? "admin";
}

function refusedLogin(
  request: FastifyRequest,
  { reason, holder }: Extract<Authentication, { status: "refused" }>,
): Access {
  return {
    tenant: holder?.tenant ?? null,
    keyId: holder?.keyId ?? null,
    address: clientAddress(request),
    action: "login",
    outcome: "refused",
    detail: { reason },
  };
}

function refusedAccess(request: FastifyRequest, { tenant, keyId }: Principal): Access {
  const detail = { route: `${request.method} ${request.routeOptions.url ?? ""}` };
  const by = { tenant, keyId, address: clientAddress(request) };
  return { ...by, action: "access", outcome: "refused", detail };
}
