import type { KeyScope, Role, TenantId } from "@axial/contracts";

/** The sender of a request: an API key of a tenant, or a person whom an identity provider knows. */
export interface Principal {
  readonly keyId: string;
  readonly tenant: TenantId;
  readonly role: Role;
  /** From where the request came, for the audit. */
  readonly address?: string | null;
  /** What the key is for; everything when left out. */
  readonly scope?: KeyScope;
}

/** Whose a bearer token is; of a refused one its key and tenant where they are known. */
export type Authentication =
  | { readonly status: "accepted"; readonly principal: Principal }
  | {
      readonly status: "refused";
      readonly reason: "no-key" | "unknown-key" | "revoked-key" | "expired-key" | "invalid-token";
      readonly holder?: Pick<Principal, "keyId" | "tenant">;
    };

/** Judges a bearer token; it may be asked again while a request lasts. */
export type Authenticate = (token: string) => Promise<Authentication>;
