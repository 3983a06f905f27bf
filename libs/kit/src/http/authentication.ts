import {
  AxialError,
  HOME_TENANT,
  type KeyScope,
  type Role,
  roleAllows,
  UNLIMITED_SCOPE,
} from "@axial/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AcceptedTokens } from "./accepted-tokens.ts";
import { type Access, clientAddress, type RecordAccess } from "./access.ts";
import type { LoginBackoff } from "./login-backoff.ts";
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
    /** About the installation: a public route that is so only for callers on this machine. */
    keyFromElsewhere?: boolean;
    /** The least role that may call the route; admin by default. */
    role?: Role;
  }
}

interface AuthenticationOptions {
  /** Without it only public routes are served. */
  readonly authenticate?: Authenticate | undefined;
  /** Where refused attempts are recorded. */
  readonly audit?: RecordAccess | undefined;
  /** Throttles callers that keep sending wrong keys. */
  readonly backoff?: LoginBackoff | undefined;
}

/** API keys have up to 256 characters; tokens of identity providers grow with their claims. */
const BEARER = /^Bearer ([\x21-\x7e]{16,8192})$/i;
/** Of an old key or token its sender learns that it is not valid, however often it is sent. */
const GUESSES: ReadonlySet<string> = new Set(["unknown-key", "invalid-token"]);
const NO_KEY: Authentication = { status: "refused", reason: "no-key" };

/**
 * Requires a valid bearer key with the route's role before any of the body is read. Records what
 * it refuses, except a request without any key.
 */
export function registerAuthentication(
  server: FastifyInstance,
  { authenticate = async () => NO_KEY, audit, backoff }: AuthenticationOptions,
): void {
  const accepted = new AcceptedTokens();
  server.decorateRequest("principal", null);
  server.decorate("authenticate", authenticate);
  server.addHook("onRequest", async (request: FastifyRequest) => {
    const route = request.routeOptions.config;
    const keyed = route.keyFromElsewhere === true && !isFromHere(request);
    if ((route.public === true && !keyed) || request.is404) return;
    const token = tokenOf(request);
    const address = clientAddress(request) ?? "";
    const wait = backoff?.wait(address) ?? 0;
    // A caller with a key is not throttled for sharing an address with a guesser.
    if (wait > 0 && token !== undefined && !accepted.has(token)) throw tooManyFailures(wait);
    const found = await authenticationOf(request);
    if (found.status === "refused") {
      if (found.reason === "no-key") throw new AxialError("unauthenticated");
      await audit?.(refusedLogin(request, found));
      const turnedAway = GUESSES.has(found.reason) ? ((await backoff?.failed(address)) ?? 0) : 0;
      throw turnedAway > 0 ? tooManyFailures(turnedAway) : new AxialError("unauthenticated");
    }
    if (token !== undefined) accepted.add(token);
    const elsewhere = keyed && found.principal.tenant !== HOME_TENANT;
    if (elsewhere || !roleAllows(found.principal.role, roleOf(request))) {
      await audit?.(refusedAccess(request, found.principal));
      throw new AxialError("forbidden");
    }
    request.principal = { ...found.principal, address: address || null };
  });
}

/** Without a word of a proxy, behind which the caller may be anywhere. */
function isFromHere({ raw: { socket, headers } }: FastifyRequest): boolean {
  const forwarded = headers.forwarded ?? headers["x-forwarded-for"] ?? headers.via;
  const address = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  return forwarded === undefined && (address === "::1" || address.startsWith("127."));
}

/** The principal of an authenticated request. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AxialError("unauthenticated");
  return request.principal;
}

/** What the request's key is for. */
export function scopeOf(request: FastifyRequest): KeyScope {
  return principalOf(request).scope ?? UNLIMITED_SCOPE;
}

/** Whether the request's key is still valid and still has the route's role. */
export async function isStillAllowed(request: FastifyRequest): Promise<boolean> {
  const found = await authenticationOf(request);
  return found.status === "accepted" && roleAllows(found.principal.role, roleOf(request));
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? "")?.[1];
}

async function authenticationOf(request: FastifyRequest): Promise<Authentication> {
  const token = tokenOf(request);
  return token === undefined ? NO_KEY : request.server.authenticate(token);
}

function tooManyFailures(retryAfterSeconds: number): AxialError {
  return new AxialError("rate-limited", {
    detail: "wrong keys, one after another",
    retryAfterSeconds,
  });
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
