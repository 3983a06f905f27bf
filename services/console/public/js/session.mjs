import { refreshed, revoke, SignInEnded } from "./oidc.mjs";

/**
 * Who this tab is signed in as: by an API key, which the tab's storage keeps, or at the identity
 * provider, whose tokens are in memory alone and are renewed before they expire.
 *
 * @typedef {import("./oidc.mjs").Provider} Provider
 * @typedef {import("./oidc.mjs").Tokens} Tokens
 */

const KEY = "axial-key";
/** That this tab was signed in at the provider: it asks there again after a reload. No secret. */
const AT_PROVIDER = "axial-at-provider";
/** Of a token's life, after which it is renewed. */
const RENEW_AFTER = 0.75;

/** @type {{ provider: Provider, tokens: Tokens, renewAt: number } | null} */
let signedIn = null;
/**
 * A refresh token works once: concurrent callers wait for the same answer.
 *
 * @type {Promise<string | null> | null}
 */
let renewing = null;

export const session = {
  get active() {
    return signedIn !== null || sessionStorage.getItem(KEY) !== null;
  },

  /** The provider's, in contrast to one by a key; also after a reload, which forgets its tokens. */
  get atProvider() {
    return sessionStorage.getItem(AT_PROVIDER) !== null;
  },

  /** @param {string} key */
  begin(key) {
    this.end();
    sessionStorage.setItem(KEY, key);
  },

  /**
   * @param {Provider} provider
   * @param {Tokens} tokens
   */
  beginAtProvider(provider, tokens) {
    this.end();
    sessionStorage.setItem(AT_PROVIDER, "yes");
    keep(provider, tokens);
  },

  end() {
    const refresh = signedIn?.tokens.refresh ?? null;
    if (signedIn !== null && refresh !== null) revoke(signedIn.provider, refresh).catch(() => {});
    signedIn = null;
    renewing = null;
    sessionStorage.removeItem(KEY);
    sessionStorage.removeItem(AT_PROVIDER);
  },

  /** What requests show; renewed when it is soon to expire. */
  async bearer() {
    if (signedIn === null) return sessionStorage.getItem(KEY) ?? "";
    const { tokens, renewAt } = signedIn;
    if (Date.now() < renewAt) return tokens.access;
    return (await this.renewed()) ?? tokens.access;
  },

  /** Resolves with a new token, or with null when the person has to sign in again. */
  renewed() {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    return renewing;
  },
};

/**
 * @param {Provider} provider
 * @param {Tokens} tokens
 */
function keep(provider, tokens) {
  const { lifetimeMs } = tokens;
  const renewAt =
    lifetimeMs === null ? Number.POSITIVE_INFINITY : Date.now() + lifetimeMs * RENEW_AFTER;
  signedIn = { provider, tokens, renewAt };
}

/** @returns {Promise<string | null>} */
async function renew() {
  const began = signedIn;
  const refresh = began?.tokens.refresh ?? null;
  if (began === null || refresh === null) return null;
  try {
    const tokens = await refreshed(began.provider, refresh);
    // Signed out meanwhile: what came is not kept.
    if (signedIn !== began) return null;
    keep(began.provider, tokens);
    return tokens.access;
  } catch (error) {
    if (error instanceof SignInEnded && signedIn === began) {
      signedIn = { ...began, tokens: { ...began.tokens, refresh: null } };
    }
    return null;
  }
}
