import {
  AxialError,
  matches,
  ROLES,
  type Role,
  roleAllows,
  type TenantId,
  TenantIdSchema,
} from "@axial/contracts";
import { type Authenticate, type Authentication, type Logger, OutageLog } from "@axial/kit";
import { errors, type JWTPayload, jwtVerify } from "jose";
import type { OidcSettings } from "./oidc-settings.ts";
import { ProviderKeys } from "./provider-keys.ts";

/** Three parts of base64url: no API key that Axial makes looks like it. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Asymmetric alone: a provider's public key must never pass for a shared secret. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** Of a subject, in the audit. */
const MAX_SUBJECT = 200;
const INVALID: Authentication = { status: "refused", reason: "invalid-token" };

interface TokenOptions {
  readonly settings: OidcSettings;
  readonly logger: Logger;
  /** Judges what is not a token of the provider. */
  readonly otherwise: Authenticate;
  /** Whether there is such a tenant. */
  readonly hasTenant: (tenant: TenantId) => Promise<boolean>;
}

/**
 * Judges access tokens of an identity provider (JWT, RFC 9068 and its kin): signature, issuer,
 * audience and times, within the clock's skew. Claims name tenant and role as configured; of several
 * roles the highest counts. Throws `unavailable` while the provider's keys cannot be had.
 */
export function createTokenAuthenticator(options: TokenOptions): Authenticate {
  const { settings, logger, otherwise } = options;
  const keys = new ProviderKeys(settings.issuer);
  const outage = new OutageLog(logger, "the identity provider");
  return async (token) => {
    if (!JWT.test(token)) return otherwise(token);
    try {
      const { payload } = await jwtVerify(token, keys.key, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ALGORITHMS,
        clockTolerance: settings.clockSkewSeconds,
        requiredClaims: ["exp", "sub"],
      });
      outage.worked();
      return await authentication(payload, options);
    } catch (error) {
      if (error instanceof AxialError) throw error;
      if (error instanceof errors.JWTExpired) return { status: "refused", reason: "expired-key" };
      if (isRefusal(error)) return INVALID;
      outage.failed(error);
      const detail = "the identity provider does not answer";
      throw new AxialError("unavailable", { detail, cause: error });
    }
  };
}

/** What the provider does wrong, as opposed to the token. */
const TROUBLES: ReadonlySet<string> = new Set([
  ...["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JWK_INVALID"],
]);

function isRefusal(error: unknown): boolean {
  return error instanceof errors.JOSEError && !TROUBLES.has(error.code);
}

async function authentication(
  payload: JWTPayload,
  { settings, hasTenant }: TokenOptions,
): Promise<Authentication> {
  const role = roleOf(payload[settings.roleClaim], settings);
  const tenant = payload[settings.tenantClaim] ?? settings.tenant;
  if (role === null || !matches(TenantIdSchema, tenant)) return INVALID;
  if (!(await hasTenant(tenant))) return INVALID;
  const keyId = `oidc:${payload.sub?.slice(0, MAX_SUBJECT)}`;
  return { status: "accepted", principal: { keyId, tenant, role } };
}

/** The highest of the roles that the claim, a word or a list, stands for. */
function roleOf(claim: unknown, { roles }: OidcSettings): Role | null {
  const named = [claim].flat().flatMap((one) => {
    const role = typeof one === "string" ? roles.get(one) : undefined;
    return role === undefined ? [] : [role];
  });
  return ROLES.toReversed().find((role) => named.some((one) => roleAllows(one, role))) ?? null;
}
