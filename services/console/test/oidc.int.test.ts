import { PassThrough } from "node:stream";
import type { Role, TenantId } from "@axial/contracts";
import { createHttpServer, createLogger, createMetrics, type HttpServer } from "@axial/kit";
import { createTokenAuthenticator, oidcSettings } from "@axial/service";
import { eventually } from "@axial/testkit";
import {
  AUDIENCE,
  CLIENT_ID,
  type IdentityProvider,
  RESOURCE,
  signInAs,
  startIdentityProvider,
} from "@axial/testkit/identity-provider";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { arrival, refreshed, revoke, SignInEnded, signInAddress } from "../public/js/oidc.mjs";
import { session } from "../public/js/session.mjs";

const ORIGIN = "http://127.0.0.1:8080";
const REDIRECT = `${ORIGIN}/console/`;

let provider: IdentityProvider;
let server: HttpServer;

beforeAll(async () => {
  const claims = { axial_tenant: "default", axial_role: ["staff", "it-admins"] };
  provider = await startIdentityProvider({ redirectUri: REDIRECT, claims });
  const logger = createLogger({ service: "test", destination: new PassThrough() });
  const settings = oidcSettings({
    AXIAL_OIDC_ISSUER: provider.issuer,
    AXIAL_OIDC_AUDIENCE: AUDIENCE,
    AXIAL_OIDC_TENANT_CLAIM: "axial_tenant",
    AXIAL_OIDC_ROLE_CLAIM: "axial_role",
    AXIAL_OIDC_ROLES: "staff=reader, it-admins=operator",
    AXIAL_OIDC_CLOCK_SKEW_SECONDS: 30,
  });
  if (settings === null) throw new Error("no settings");
  const key = { keyId: "k", tenant: "default" as TenantId, role: "admin" as Role };
  server = await createHttpServer({
    logger,
    metrics: createMetrics("test"),
    probes: [],
    authenticate: createTokenAuthenticator({
      settings,
      logger,
      otherwise: async (token) =>
        token === "an-api-key-0123456789"
          ? { status: "accepted", principal: key }
          : { status: "refused", reason: "unknown-key" },
      hasTenant: async (tenant) => tenant === "default",
    }),
  });
  server.get("/me", { config: { role: "reader" } }, async ({ principal }) => principal);
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** A tab of the browser. */
beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("location", { origin: ORIGIN });
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  return () => vi.unstubAllGlobals();
});

const settingsOfPage = (scope = "openid") => ({
  issuer: provider.issuer,
  clientId: CLIENT_ID,
  scope,
  resource: RESOURCE,
});

/** A sign-in to its end. */
async function signedIn(scope?: string) {
  const settings = settingsOfPage(scope);
  const came = await signInAs("ada", await signInAddress(settings, { hash: "#/audit" }), REDIRECT);
  return { settings, came, ...(await arrival(settings, came)) };
}

async function ask(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await server.inject({ url: "/me", headers });
  return { status: answer.statusCode, body: answer.json() };
}

describe("sign-in at a provider by the console", () => {
  test("ends with a token that services take, with tenant and the highest role of its claims", async () => {
    const address = await signInAddress(settingsOfPage());
    expect(new URL(address).searchParams.get("code_challenge_method")).toBe("S256");
    const { tokens, hash } = await signedIn();
    expect(hash).toBe("#/audit");
    expect(tokens).toMatchObject({ refresh: null, lifetimeMs: 60_000 });
    expect(await ask(tokens.access)).toMatchObject({
      status: 200,
      body: { keyId: "oidc:ada", tenant: "default", role: "operator" },
    });
  });

  test("is refused with a code that another tab asked for, and with one used twice", async () => {
    const address = await signInAddress(settingsOfPage());
    const came = await signInAs("ada", address, REDIRECT);
    const other = new URL(came);
    other.searchParams.set("state", "of-somebody-else");
    await expect(arrival(settingsOfPage(), other)).rejects.toThrow("not begun in this tab");
    await expect(arrival(settingsOfPage(), came)).rejects.toThrow("not begun in this tab");
  });

  test("is refused to who intercepted the code: it lacks the verifier", async () => {
    const came = await signInAs("ada", await signInAddress(settingsOfPage()), REDIRECT);
    await signInAddress(settingsOfPage());
    const pending = JSON.parse(sessionStorage.getItem("axial-sign-in") ?? "{}");
    came.searchParams.set("state", pending.state);
    await expect(arrival(settingsOfPage(), came)).rejects.toThrow("did not give a token");
  });

  test("goes on without a word while the provider's session does, and says when it does not", async () => {
    const address = await signInAddress(settingsOfPage(), { silent: true });
    const came = await signInAs("ada", address, REDIRECT);
    expect(came.searchParams.get("error")).toBe("login_required");
    await expect(arrival(settingsOfPage(), came)).rejects.toThrow(SignInEnded);
  });
});

describe("a session at the provider", () => {
  const OFFLINE = "openid offline_access";

  test("is renewed by a refresh token that works once", async () => {
    const { settings, tokens } = await signedIn(OFFLINE);
    const renewed = await refreshed(settings, tokens.refresh ?? "");
    expect((await ask(renewed.access)).status).toBe(200);
    expect(renewed.refresh).not.toBe(tokens.refresh);
    await expect(refreshed(settings, tokens.refresh ?? "")).rejects.toThrow(SignInEnded);
    // Used twice, it may have been stolen: the provider ends the whole sign-in.
    await expect(refreshed(settings, renewed.refresh ?? "")).rejects.toThrow(SignInEnded);
  });

  test("is renewed once for all who ask, before its token expires, and keeps no token", async () => {
    const { settings, tokens } = await signedIn(OFFLINE);
    session.beginAtProvider(settings, { ...tokens, lifetimeMs: 0 });
    const [one, other] = await Promise.all([session.bearer(), session.bearer()]);
    expect(one).toBe(other);
    expect(one).not.toBe(tokens.access);
    expect((await ask(one)).status).toBe(200);
    expect(await session.bearer()).toBe(one);
    const kept = ["axial-key", "axial-at-provider", "axial-sign-in"].map((name) =>
      sessionStorage.getItem(name),
    );
    expect(kept).toEqual([null, "yes", null]);
    session.end();
    expect([session.active, session.atProvider]).toEqual([false, false]);
  });

  test("is revoked at the provider when the person signs out", async () => {
    const { settings, tokens } = await signedIn(OFFLINE);
    await revoke(settings, tokens.refresh ?? "");
    await expect(refreshed(settings, tokens.refresh ?? "")).rejects.toThrow(SignInEnded);
  });

  test("without a refresh token ends with its token, and its page is told", async () => {
    const { settings, tokens } = await signedIn();
    session.beginAtProvider(settings, tokens);
    expect(await session.renewed()).toBeNull();
    expect(await session.bearer()).toBe(tokens.access);
    session.end();
  });
});

describe("a token", () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const token = (fields: object = {}) =>
    provider.sign({
      ...{ iss: provider.issuer, aud: AUDIENCE, sub: "ada", iat: now(), exp: now() + 60 },
      ...{ axial_tenant: "default", axial_role: "staff" },
      ...fields,
    });

  test("is one way in, an API key the other", async () => {
    expect(await ask(await token())).toMatchObject({ status: 200, body: { role: "reader" } });
    expect(await ask("an-api-key-0123456789")).toMatchObject({ body: { role: "admin" } });
  });

  test.each([
    ["for another audience", { aud: "another" }],
    ["of another issuer", { iss: "https://elsewhere" }],
    ["that has expired", { exp: Math.floor(Date.now() / 1_000) - 60 }],
    ["that is not valid yet", { nbf: Math.floor(Date.now() / 1_000) + 120 }],
    ["that never expires", { exp: undefined }],
    ["without a role", { axial_role: undefined }],
    ["with a role that stands for nothing", { axial_role: "admin" }],
    ["of no tenant here", { axial_tenant: "elsewhere" }],
    ["without a tenant", { axial_tenant: undefined }],
    ["with a tenant that is none", { axial_tenant: { $ne: "" } }],
  ])("%s is refused", async (_what, fields) => {
    expect(await ask(await token(fields))).toMatchObject({
      status: 401,
      body: { code: "unauthenticated" },
    });
  });

  test("may be as late as the clocks differ", async () => {
    expect((await ask(await token({ exp: now() - 10 }))).status).toBe(200);
    expect((await ask(await token({ nbf: now() + 10 }))).status).toBe(200);
  });

  test("is refused without its signature, or with another", async () => {
    const [header = "", payload = "", signature = ""] = (await token()).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const forged of [
      `${none}.${payload}.${signature}`,
      `${header}.${Buffer.from('{"sub":"eve"}').toString("base64url")}.${signature}`,
    ]) {
      expect((await ask(forged)).status).toBe(401);
    }
  });

  test("is taken when the provider has rotated its keys, and one of an old key no longer", async () => {
    const old = await token();
    await provider.rotate();
    const fresh = await token();
    await eventually("the new key is known", async () => (await ask(fresh)).status === 200);
    expect((await ask(old)).status).toBe(401);
  });
});
