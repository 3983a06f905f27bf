import { ConfigError } from "@axial/kit";
import { type Static, Type } from "typebox";

/** Variables by which people sign in at an identity provider; without an issuer with a key alone. */
export const SIGN_IN_ENVIRONMENT = {
  AXIAL_OIDC_ISSUER: Type.Optional(Type.String({ pattern: "^(https?://[^?#]+)?$" })),
  AXIAL_OIDC_CLIENT_ID: Type.Optional(
    Type.String({ description: "of a public client with the console's address as redirect" }),
  ),
  AXIAL_OIDC_SCOPE: Type.String({ default: "openid" }),
  AXIAL_OIDC_RESOURCE: Type.Optional(
    Type.String({ description: "what the token is for (RFC 8707), where the provider asks" }),
  ),
};

const SignInEnvSchema = Type.Object(SIGN_IN_ENVIRONMENT);

/** What the page needs to know of the provider. Nothing of it is secret. */
export interface SignInSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string | null;
}

/** Null without a provider. Throws ConfigError. */
export function signInSettings(
  environment: Readonly<Static<typeof SignInEnvSchema>>,
): SignInSettings | null {
  const { AXIAL_OIDC_ISSUER: issuer, AXIAL_OIDC_CLIENT_ID: clientId } = environment;
  if (!issuer && !clientId) return null;
  if (!issuer) throw new ConfigError(["AXIAL_OIDC_CLIENT_ID needs AXIAL_OIDC_ISSUER"]);
  // Services may accept a provider's tokens even when the console offers no sign-in.
  if (!clientId) return null;
  const { AXIAL_OIDC_SCOPE: scope, AXIAL_OIDC_RESOURCE: resource } = environment;
  return { issuer, clientId, scope, resource: resource || null };
}
