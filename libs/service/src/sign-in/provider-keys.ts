import { parseAs } from "@axial/contracts";
import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import { Type } from "typebox";

const DISCOVERY = "/.well-known/openid-configuration";
const ANSWER_WITHIN_MS = 5_000;
/** Keys are fetched again after this, and at once for one that is not among them, but not oftener. */
const KEYS_FRESH_MS = 600_000;
const KEYS_COOLDOWN_MS = 1_000;
/** A provider that did not answer is asked again after this. */
const DISCOVERY_COOLDOWN_MS = 5_000;

const Discovery = Type.Object({ issuer: Type.String(), jwks_uri: Type.String() });

/**
 * The signing keys of a provider, found by OpenID Connect Discovery at the first token. Rotated keys
 * are noticed by the first token that one signed.
 */
export class ProviderKeys {
  readonly #issuer: string;
  #found: Promise<JWTVerifyGetKey> | null = null;
  #failedAt = 0;

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  key: JWTVerifyGetKey = async (header, token) => (await this.#keys())(header, token);

  #keys(): Promise<JWTVerifyGetKey> {
    const failedLately = Date.now() - this.#failedAt < DISCOVERY_COOLDOWN_MS;
    if (this.#found !== null && (this.#failedAt === 0 || failedLately)) return this.#found;
    const found = discover(this.#issuer);
    this.#found = found;
    found.then(
      () => {
        this.#failedAt = 0;
      },
      () => {
        this.#failedAt = Date.now();
      },
    );
    return found;
  }
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(issuer.replace(/\/$/, "") + DISCOVERY, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!answer.ok) throw new Error(`the identity provider answers ${answer.status}`);
  const found = parseAs(Discovery, await answer.json());
  if (found.issuer !== issuer) throw new Error("the identity provider calls itself otherwise");
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    timeoutDuration: ANSWER_WITHIN_MS,
    cacheMaxAge: KEYS_FRESH_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
  });
}
