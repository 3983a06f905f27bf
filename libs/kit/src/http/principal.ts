import type { TenantId } from "@axial/contracts";

/** Roles from least to most: each may do what those before it may. */
export const ROLES = ["reader", "sender", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who sent a request: an API key of a tenant. */
export interface Principal {
  readonly keyId: string;
  readonly tenant: TenantId;
  readonly role: Role;
}

/** The principal of a bearer token, or null for a token that is not (or no longer) valid. */
export type Authenticate = (token: string) => Promise<Principal | null>;

export function roleAllows(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
