/**
 * Sign-in at an identity provider: Authorization Code with PKCE (RFC 7636) by a public client. What
 * has to be remembered meanwhile is in this tab alone, and none of it is a token.
 *
 * @typedef {{ issuer: string, clientId: string, scope: string, resource: string | null }} Provider
 * @typedef {{ access: string, refresh: string | null, lifetimeMs: number | null }} Tokens
 */

const PENDING = "axial-sign-in";
const VERIFIER_BYTES = 32;
/** What makes a provider issue a refresh token, which it may want to be agreed to. */
const OFFLINE = "offline_access";

/** What the provider does not let happen any more: another sign-in is needed. */
export class SignInEnded extends Error {}

/**
 * The provider that this installation names, or null.
 *
 * @returns {Promise<Provider | null>}
 */
export async function providerSettings() {
  const answer = await fetch("/console/sign-in.json");
  return answer.ok ? answer.json() : null;
}

/**
 * The provider's address to go to; it leads back to the console, and `arrival` to what was open.
 * `silent`: without asking the person anything, which works while the session at the provider does.
 *
 * @param {Provider} provider
 * @param {{ silent?: boolean, hash?: string }} options
 */
export async function signInAddress(provider, { silent = false, hash = "" } = {}) {
  const { authorization_endpoint: address } = await discover(provider);
  const [verifier, state] = [randomText(), randomText()];
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, silent, hash }));
  const url = new URL(address);
  const parameters = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: redirectUri(),
    scope: provider.scope,
    state,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
    ...promptOf(provider, silent),
    ...resourceOf(provider),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** OpenID Connect Core 11: offline access is granted where the person was asked. */
function promptOf({ scope }, silent) {
  if (silent) return { prompt: "none" };
  return scope.split(" ").includes(OFFLINE) ? { prompt: "consent" } : {};
}

/**
 * The tokens for the code with which the provider led back to `came`, and what was open when this
 * tab left. Rejects when this tab did not ask for it, or the provider refuses; with SignInEnded when
 * the provider would have to ask the person.
 *
 * @param {Provider | null} provider
 * @param {URL} came
 * @returns {Promise<{ tokens: Tokens, hash: string }>}
 */
export async function arrival(provider, came) {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  sessionStorage.removeItem(PENDING);
  const said = (name) => came.searchParams.get(name);
  if (provider === null || pending === null || said("state") !== pending.state) {
    throw new Error("This sign-in was not begun in this tab. Try again.");
  }
  if (said("iss") !== null && said("iss") !== provider.issuer) {
    throw new Error("Another provider answered. Try again.");
  }
  const code = said("code");
  if (code === null && pending.silent) throw new SignInEnded("Your sign-in has ended.");
  if (code === null) throw new Error("The provider did not let you in.");
  const tokens = await askForTokens(provider, {
    grant_type: "authorization_code",
    redirect_uri: redirectUri(),
    code,
    code_verifier: pending.verifier,
  });
  return { tokens, hash: pending.hash };
}

/**
 * New tokens for a refresh token, which may be used once (RFC 9700 4.14). Rejects with SignInEnded
 * when the provider takes it no longer.
 *
 * @param {Provider} provider
 * @param {string} refresh
 * @returns {Promise<Tokens>}
 */
export async function refreshed(provider, refresh) {
  const tokens = await askForTokens(provider, {
    grant_type: "refresh_token",
    refresh_token: refresh,
  });
  return { ...tokens, refresh: tokens.refresh ?? refresh };
}

/**
 * Tells the provider that a refresh token is not needed any more (RFC 7009), where it listens.
 *
 * @param {Provider} provider
 * @param {string} refresh
 */
export async function revoke(provider, refresh) {
  const { revocation_endpoint: address } = await discover(provider);
  if (address === undefined) return;
  const body = new URLSearchParams({ client_id: provider.clientId, token: refresh });
  await fetch(address, { method: "POST", body, keepalive: true });
}

/**
 * @param {Provider} provider
 * @param {Readonly<Record<string, string>>} grant
 * @returns {Promise<Tokens>}
 */
async function askForTokens(provider, grant) {
  const { token_endpoint: address } = await discover(provider);
  const body = new URLSearchParams({
    ...grant,
    client_id: provider.clientId,
    ...resourceOf(provider),
  });
  const answer = await fetch(address, { method: "POST", body });
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = await answer.json();
  if (answer.ok && typeof access === "string") {
    const lifetimeMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
    return { access, refresh: refresh ?? null, lifetimeMs };
  }
  if (answer.status >= 500) throw new Error("The identity provider does not answer.");
  throw new SignInEnded("The provider did not give a token. Try again.");
}

async function discover({ issuer }) {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(address).catch(() => null);
  if (answer?.ok) return answer.json();
  throw new Error("The identity provider does not answer.");
}

function redirectUri() {
  return `${location.origin}/console/`;
}

function resourceOf({ resource }) {
  return resource === null ? {} : { resource };
}

function randomText() {
  return base64Url(crypto.getRandomValues(new Uint8Array(VERIFIER_BYTES)));
}

async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64Url(new Uint8Array(digest));
}

function base64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
