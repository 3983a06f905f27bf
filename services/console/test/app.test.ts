import { PassThrough } from "node:stream";
import { createHttpServer, createLogger, createMetrics, type HttpServer } from "@axial/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consoleApp } from "../src/app.ts";

describe("consoleApp", () => {
  let server: HttpServer;

  beforeAll(async () => {
    server = await createHttpServer({
      logger: createLogger({ service: "test", destination: new PassThrough() }),
      metrics: createMetrics("test"),
      probes: [],
    });
    await server.register(consoleApp());
  });
  afterAll(() => server.close());

  it("serves the page without a key, and lets nothing but its own files run", async () => {
    const page = await server.inject("/console/");
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
    expect(page.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-cache",
    });
    expect(page.headers).not.toHaveProperty("strict-transport-security");
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|style=/);
  });

  it("is small on its first load", async () => {
    const seen = new Map<string, number>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.set(path, 0);
      const headers = { "accept-encoding": "br" };
      const sent = await server.inject({ url: path, headers });
      expect({ path, status: sent.statusCode }).toEqual({ path, status: 200 });
      seen.set(path, sent.rawPayload.length);
      const { body } = await server.inject(path);
      const named = body.matchAll(/(?:from|src=|href=|import\() ?"([^"#:]+\.(?:m?js|css|svg))"/g);
      for (const [, name = ""] of named) await visit(new URL(name, `http://x${path}`).pathname);
    };
    await visit("/console/");
    expect([...seen.keys()].some((path) => path.includes("uPlot"))).toBe(true);
    expect([...seen.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(100_000);
    const page = await server.inject({ url: "/console/", headers: { "accept-encoding": "br" } });
    expect(page.headers["content-encoding"]).toBe("br");
  });

  it("has every file that the page and its modules name", async () => {
    const seen = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const answer = await server.inject(path);
      expect({ path, status: answer.statusCode }).toEqual({ path, status: 200 });
      const named = [
        ...answer.body.matchAll(/(?:from|src=|href=)\s?"([^"#:]+\.(?:mjs|ts|css|svg))"/g),
      ];
      for (const [, name = ""] of named) await visit(new URL(name, `http://x${path}`).pathname);
    };
    await visit("/console/");
    expect(seen.size).toBeGreaterThan(12);
    expect(seen).toContain("/console/vendor/client/transport.ts");
    // Loaded when something is stored: it would bring the contracts' schemas along.
    expect(seen).not.toContain("/console/vendor/client/store.ts");
  });

  it("serves the client as scripts without types, small enough to load at once", async () => {
    const path = "/console/vendor/client/index.ts";
    const script = await server.inject(path);
    expect(script.headers["content-type"]).toContain("text/javascript");
    expect(script.body).not.toContain("export type");
    const headers = { "if-none-match": String(script.headers.etag) };
    expect((await server.inject({ url: path, headers })).statusCode).toBe(304);
    const modules = ["index", "axial-client", "transport", "studies", "pulls", "api-error"];
    const sizes = modules.map(async (name) => {
      const answer = await server.inject(`/console/vendor/client/${name}.ts`);
      expect(answer.statusCode).toBe(200);
      return answer.rawPayload.length;
    });
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size);
    expect(bytes).toBeLessThan(16_000);
  });

  it("answers 304 for what the browser has", async () => {
    const first = await server.inject("/console/console.css");
    const headers = { "if-none-match": String(first.headers.etag) };
    expect((await server.inject({ url: "/console/console.css", headers })).statusCode).toBe(304);
  });

  it("serves its own files alone, and those alone are public", async () => {
    const beside = ["../package.json", "..%2fpackage.json", "js/", "nothing.css"];
    for (const path of beside) {
      expect((await server.inject(`/console/${path}`)).statusCode, path).toBe(404);
    }
    const scripts = await server.inject("/console/js/main.mjs");
    expect(scripts.headers["content-type"]).toContain("javascript");
  });

  it("sends /console to /console/", async () => {
    const answer = await server.inject("/console");
    expect(answer.statusCode).toBe(308);
    expect(answer.headers.location).toBe("/console/");
  });
});
