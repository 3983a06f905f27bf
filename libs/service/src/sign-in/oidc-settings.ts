import { ROLES, type Role, type TenantId } from "@axial/contracts";
import { ConfigError } from "@axial/kit";
import { type Static, Type } from "typebox";

/** Variables by which services believe an identity provider; without an issuer there is none. */
export const OIDC_ENVIRONMENT = {
  AXIAL_OIDC_ISSUER: Type.Optional(
    Type.String({ pattern: "^(https?://[^?#]+)?$", description: "address of the provider" }),
  ),
  AXIAL_OIDC_AUDIENCE: Type.Optional(Type.String({ description: "that tokens are for" })),
  AXIAL_OIDC_TENANT_CLAIM: Type.String({ default: "axial_tenant" }),
  AXIAL_OIDC_TENANT: Type.Optional(
    Type.String({ description: "of everyone whose token names none; without it they are refused" }),
  ),
  AXIAL_OIDC_ROLE_CLAIM: Type.String({ default: "axial_role" }),
  AXIAL_OIDC_ROLES: Type.String({
    default: "",
    description: "what the claim says and the role that it stands for, as readers=reader,it=admin",
  }),
  AXIAL_OIDC_CLOCK_SKEW_SECONDS: Type.Integer({ default: 30, minimum: 0, maximum: 300 }),
};

const OidcEnvSchema = Type.Object(OIDC_ENVIRONMENT);
export type OidcEnvironment = Readonly<Static<typeof OidcEnvSchema>>;

/** What a token has to say, and what its claims mean. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly tenantClaim: string;
  /** Of everyone whose token names none; null: they are refused. */
  readonly tenant: TenantId | null;
  readonly roleClaim: string;
  readonly roles: ReadonlyMap<string, Role>;
  readonly clockSkewSeconds: number;
}

/** The provider that the environment names, or null. Throws ConfigError. */
export function oidcSettings(environment: OidcEnvironment): OidcSettings | null {
  const issuer = environment.AXIAL_OIDC_ISSUER;
  if (!issuer) return null;
  const audience = environment.AXIAL_OIDC_AUDIENCE;
  if (!audience) throw new ConfigError(["AXIAL_OIDC_ISSUER needs AXIAL_OIDC_AUDIENCE"]);
  return {
    issuer,
    audience,
    tenantClaim: environment.AXIAL_OIDC_TENANT_CLAIM,
    tenant: (environment.AXIAL_OIDC_TENANT || null) as TenantId | null,
    roleClaim: environment.AXIAL_OIDC_ROLE_CLAIM,
    roles: rolesOf(environment.AXIAL_OIDC_ROLES),
    clockSkewSeconds: environment.AXIAL_OIDC_CLOCK_SKEW_SECONDS,
  };
}

/** The roles' own names where nothing is mapped. */
function rolesOf(text: string): ReadonlyMap<string, Role> {
  if (text.trim() === "") return new Map(ROLES.map((role) => [role, role]));
  return new Map(
    text.split(",").map((pair) => {
      const at = pair.lastIndexOf("=");
      const [value, name] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
      const role = ROLES.find((one) => one === name);
      if (at < 1 || role === undefined) {
        throw new ConfigError([`AXIAL_OIDC_ROLES: ${pair} is not value=${ROLES.join("|")}`]);
      }
      return [value, role];
    }),
  );
}
