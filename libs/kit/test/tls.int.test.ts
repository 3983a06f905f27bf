import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { TenantId } from "@axial/contracts";
import { createHttpServer, createLogger, createMetrics, LiveTls, TlsAgent } from "@axial/kit";
import { Certificates, eventually } from "@axial/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const KEY = "reader-key-0123456789";

let folder: string;
let certificates: Certificates;
const pem = (name: string) => certificates.pem(name);
const keyOf = (name: string) => certificates.key(name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-test-tls-"));
  certificates = new Certificates(folder);
  for (const name of ["house", "elsewhere"]) certificates.authority(name);
  for (const name of ["first", "second", "gateway"]) certificates.issue(name, "house");
  certificates.issue("stranger", "elsewhere");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function use(name: string): void {
  copyFileSync(pem(name), pem("live"));
  copyFileSync(keyOf(name), keyOf("live"));
}

async function serve({ mutual }: { readonly mutual: boolean }) {
  use("first");
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: "test", destination });
  const metrics = createMetrics("test");
  const files = { cert: pem("live"), key: keyOf("live"), ca: mutual ? pem("house") : null };
  const tls = new LiveTls(files, { logger, metrics, everyMs: 50 });
  const principal = { keyId: "k", tenant: "default" as TenantId, role: "reader" as const };
  const server = await createHttpServer({
    ...{ logger, metrics, probes: [], tls },
    authenticate: async () => ({ status: "accepted", principal }),
  });
  server.get("/data", { config: { role: "reader" } }, async () => ({ ok: true }));
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  closing.push(async () => {
    tls.close();
    await server.close();
  });
  return { url, lines, metrics };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Who the server says that it is. */
  readonly name: string | undefined;
}

function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${KEY}` };
    const request = get(url, { ca: readFileSync(pem("house")), headers, agent: false, ...options });
    request.once("error", reject);
    request.once("response", async (response) => {
      const { CN: name } = (response.socket as TLSSocket).getPeerCertificate().subject;
      let body = "";
      for await (const chunk of response) body += String(chunk);
      resolve({ status: response.statusCode ?? 0, body, name: [name].flat()[0] });
    });
  });
}

describe("a server with certificate and key", () => {
  test("speaks TLS alone, and a changed certificate is served without a restart", async () => {
    const { url, metrics, lines } = await serve({ mutual: false });
    expect(url).toMatch(/^https:/);
    expect(await ask(`${url}/data`)).toMatchObject({ status: 200, name: "first" });
    await expect(fetch(url.replace("https:", "http:"))).rejects.toThrow();
    use("second");
    await eventually("the second is served", async () => (await ask(url)).name === "second");
    expect(await metrics.registry.metrics()).toMatch(
      /axial_certificate_expiry_timestamp_seconds\{certificate="http"[^}]*\} 1\.\d+e\+?0?9|\} \d{10}/,
    );
    writeFileSync(keyOf("live"), readFileSync(keyOf("first")));
    await eventually("the wrong key is logged", async () => {
      return lines.some((line) => line.includes("the old stay"));
    });
    expect(await ask(`${url}/data`)).toMatchObject({ status: 200, name: "second" });
  });

  test("does not start with a key of another certificate", () => {
    const files = { cert: pem("first"), key: keyOf("second"), ca: null };
    const logger = createLogger({ service: "test", destination: { write: () => {} } });
    const live = () => new LiveTls(files, { logger, metrics: createMetrics("test") });
    expect(live).toThrow("not of this key");
  });
});

describe("a server with an authority", () => {
  test("answers probes to everyone, and the rest to callers with its certificate and a key", async () => {
    const { url } = await serve({ mutual: true });
    expect((await ask(`${url}/livez`)).status).toBe(200);
    const without = await ask(`${url}/data`);
    expect(without).toMatchObject({ status: 401 });
    expect(without.body).toContain("client certificate");
    const shown = (name: string) => ({
      cert: readFileSync(pem(name)),
      key: readFileSync(keyOf(name)),
    });
    expect((await ask(`${url}/data`, shown("stranger"))).status).toBe(401);
    expect((await ask(`${url}/data`, shown("gateway"))).status).toBe(200);
  });

  test("is reached by another service with its own, and believed only of its authority", async () => {
    const { url } = await serve({ mutual: true });
    const logger = createLogger({ service: "test", destination: { write: () => {} } });
    const agentOf = (name: string, ca: string) => {
      const files = { cert: pem(name), key: keyOf(name), ca: pem(ca) };
      const tls = new LiveTls(files, { logger, metrics: createMetrics("test") });
      const agent = new TlsAgent(tls);
      closing.push(async () => {
        tls.close();
        agent.destroy();
      });
      return agent;
    };
    const headers = { authorization: `Bearer ${KEY}` };
    const ours = await ask(`${url}/data`, { agent: agentOf("gateway", "house"), headers });
    expect(ours.status).toBe(200);
    const other = ask(`${url}/data`, { agent: agentOf("gateway", "elsewhere"), headers });
    await expect(other).rejects.toThrow(/certificate/);
    const none = new Agent({ ca: readFileSync(pem("house")) });
    expect((await ask(`${url}/data`, { agent: none })).status).toBe(401);
  });
});
