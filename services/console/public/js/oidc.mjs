/**
 * Sign-in at an identity provider: Authorization Code with PKCE (RFC 7636) by a public client. What
 * has to be remembered meanwhile is in this tab alone.
 *
 * @typedef {{ issuer: string, clientId: string, scope: string, resource: string | null }} Provider
 */

const PENDING = "axial-sign-in";
const VERIFIER_BYTES = 32;

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
 * The provider's address to go to; it leads back to the console.
 *
 * @param {Provider} provider
 */
export async function signInAddress(provider) {
  const { authorization_endpoint: address } = await discover(provider);
  const [verifier, state] = [randomText(), randomText()];
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state }));
  const url = new URL(address);
  const parameters = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: redirectUri(),
    scope: provider.scope,
    state,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
    ...resourceOf(provider),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * The access token for the code with which the provider led back to `came`. Rejects when nobody of
 * this tab asked for it, or the provider refuses.
 *
 * @param {Provider | null} provider
 * @param {URL} came
 * @returns {Promise<string>}
 */
export async function tokenFor(provider, came) {
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
  if (code === null) throw new Error("The provider did not let you in.");
  return exchange(provider, { code, verifier: pending.verifier });
}

async function exchange(provider, { code, verifier }) {
  const { token_endpoint: address } = await discover(provider);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: provider.clientId,
    redirect_uri: redirectUri(),
    code,
    code_verifier: verifier,
    ...resourceOf(provider),
  });
  const answer = await fetch(address, { method: "POST", body });
  const { access_token: token } = await answer.json();
  if (!answer.ok || typeof token !== "string") {
    throw new Error("The provider did not give a token. Try again.");
  }
  return token;
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
