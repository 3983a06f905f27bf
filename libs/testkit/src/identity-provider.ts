import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import Provider, { type Configuration } from "oidc-provider";

export const CLIENT_ID = "axial-console";
export const RESOURCE = "urn:axial:api";
export const AUDIENCE = "axial";

interface ProviderOptions {
  /** May be named later, with `redirectTo`. */
  readonly redirectUri?: string;
  /** What tokens say beside who it is. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Life of an access token in seconds. */
  readonly accessTokenSeconds?: number;
}

export type IdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>;

/**
 * A real OpenID Connect provider whose keys can be rotated, and a signer with its present key. Who
 * asks for `offline_access` gets a refresh token that may be used once.
 */
export async function startIdentityProvider(options: ProviderOptions) {
  const { claims, accessTokenSeconds = 60 } = options;
  let { redirectUri = "http://127.0.0.1/" } = options;
  let handle: ReturnType<Provider["callback"]> = async () => {};
  let key = await newKey();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  const serve = () => {
    handle = new Provider(issuer, configuration(key.jwk)).callback();
  };
  const configuration = (jwk: JWK): Configuration => ({
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: "none",
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    jwks: { keys: [jwk as never] },
    cookies: { keys: ["of-the-test"] },
    clientBasedCORS: () => true,
    findAccount: (_context, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId }),
    }),
    extraTokenClaims: () => claims,
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: "",
          audience: AUDIENCE,
          accessTokenFormat: "jwt",
          accessTokenTTL: accessTokenSeconds,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  serve();
  return {
    issuer,
    /** Where its client is, once that is known. */
    redirectTo: (uri: string) => {
      redirectUri = uri;
      serve();
    },
    /** Signs claims of the test's own with the provider's present key. */
    sign: (payload: Readonly<Record<string, unknown>>): Promise<string> =>
      new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: key.kid }).sign(key.privateKey),
    rotate: async () => {
      key = await newKey();
      serve();
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function newKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = crypto.randomUUID();
  const jwk = { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" };
  return { privateKey, kid, jwk };
}

/** A person at the provider's pages: signs in, agrees, and ends at the address led back to. */
export async function signInAs(login: string, address: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  const visit = async (url: string, form?: Readonly<Record<string, string>>) => {
    const answer = await fetch(url, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const to = answer.headers.get("location");
    return to === null ? { page: await answer.text(), url } : { to: new URL(to, url).href };
  };
  let next = await visit(address);
  for (let steps = 0; steps < 12; steps += 1) {
    if (next.to !== undefined) {
      if (next.to.startsWith(redirectUri)) return new URL(next.to);
      next = await visit(next.to);
    } else {
      const prompt = /name="prompt" value="(\w+)"/.exec(next.page)?.[1];
      if (prompt === undefined) throw new Error(`no form: ${next.page.slice(0, 500)}`);
      next = await visit(
        next.url,
        prompt === "login" ? { prompt, login, password: "x" } : { prompt },
      );
    }
  }
  throw new Error("led around in circles");
}
