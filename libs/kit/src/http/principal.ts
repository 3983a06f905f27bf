import type { Role, TenantId } from "@axial/contracts";

/** The sender of a request: an API key of a tenant. */
export interface Principal {
  readonly keyId: string;
  readonly tenant: TenantId;
  readonly role: Role;
}

/** The principal of a bearer token, or null for a token that is not (or no longer) valid. */
export type Authenticate = (token: string) => Promise<Principal | null>;
