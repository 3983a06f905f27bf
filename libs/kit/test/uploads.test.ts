import { once } from "node:events";
import { connect } from "node:net";
import { AxialError, type TenantId } from "@axial/contracts";
import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpServer, createLogger, createMetrics, uploadedBytes } from "../src/index.ts";

const KEY = "reader-key-0123456789";
const headers = { authorization: `Bearer ${KEY}` };
/** More than the buffers of both ends hold. */
const BODY_BYTES = 24 * 1024 * 1024;
/** How long the rest of a refused body is waited for. */
const DRAINING_MS = 30_000;

let server: Awaited<ReturnType<typeof createHttpServer>>;
let port: number;
const logged: string[] = [];

beforeAll(async () => {
  const write = (line: string) => void logged.push(line);
  server = await createHttpServer({
    logger: createLogger({ service: "test", destination: { write } }),
    metrics: createMetrics("test"),
    probes: [],
    authenticate: async () => ({
      status: "accepted",
      principal: { keyId: "k", tenant: "default" as TenantId, role: "reader" },
    }),
  });
  const config = { role: "reader" } as const;
  const body = Type.Unknown();
  server.post("/json/:name", { config, schema: { body } }, async () => ({ ok: true }));
  await server.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser("*", (_request, stream, done) => done(null, stream));
    uploads.post("/refused", { config }, async (request) => {
      for await (const _first of uploadedBytes(request)) {
        throw new AxialError("payload-too-large");
      }
    });
    uploads.post("/left", { config }, async (request) => {
      // A parser that gives up in the middle, and leaves its iterator where it was.
      await uploadedBytes(request)[Symbol.asyncIterator]().next();
      throw new AxialError("invalid-multipart");
    });
    uploads.post("/read", { config }, async (request) => {
      for await (const _chunk of uploadedBytes(request));
      return { ok: true };
    });
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  port = (server.server.address() as { port: number }).port;
});
afterAll(() => server.close());

function head(path: string, length: number): string {
  const lines = [`POST ${path} HTTP/1.1`, "Host: localhost", `Authorization: Bearer ${KEY}`];
  return [...lines, "Content-Type: application/dicom", `Content-Length: ${length}`, "", ""].join(
    "\r\n",
  );
}

describe("uploads", () => {
  it("a sender that writes all before it reads gets the refusal", async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(head("/refused", BODY_BYTES));
    const failed = once(socket, "error").then(([error]) => error);
    const sent = new Promise((resolve) => socket.write(Buffer.alloc(BODY_BYTES), resolve));
    expect(await Promise.race([sent, failed])).toBeFalsy();
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it("a refusal in the middle of a body does not wait for what was left of it", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/left`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/dicom" },
      body: Buffer.alloc(200_000),
      signal: AbortSignal.timeout(DRAINING_MS / 2),
    });
    expect(answer.status).toBe(400);
  });

  it("a sender that leaves is no error of ours", async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(head("/read", BODY_BYTES));
    socket.write(Buffer.alloc(1_000_000));
    await once(server.server, "request");
    socket.destroy();
    await expect.poll(() => logged.join("")).toContain("the sender left");
    expect(logged.join("")).not.toContain('"level":"error"');
  });
});

describe("text that PostgreSQL cannot hold", () => {
  const post = (url: string, payload: object = {}) =>
    server.inject({ method: "POST", url, headers, payload });

  it.each([
    ["a path", "/json/a%00b", {}],
    ["a query", "/json/a?b=%00", {}],
    ["a body", "/json/a", { b: [{ c: "x\u0000" }] }],
    ["a name in a body", "/json/a", { "b\u0000": 1 }],
    ["half of a surrogate pair", "/json/a", { b: "\ud800" }],
    ["half of a surrogate pair in a query", "/json/a?b=%ed%a0%80", {}],
    ["a query in Latin-1", "/json/a?b=M%fcller", {}],
    ["a query that is cut off", "/json/a?b=%e", {}],
  ])("is refused in %s", async (_where, url, payload) => {
    expect((await post(url, payload)).statusCode).toBe(400);
  });

  it("is refused in a path, by a problem that does not quote it", async () => {
    for (const url of ["/json/%ed%a0%80", "/json/%e", "/nowhere/%ff"]) {
      const answer = await post(url);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
      expect(answer.json()).toMatchObject({ code: "invalid-request" });
      expect(answer.body).not.toContain("%");
    }
  });

  it("is looked for at any depth, and other text is left alone", async () => {
    expect((await post("/json/a", { b: "\u{1f9e0} ok" })).statusCode).toBe(200);
    const nested = `${"[".repeat(100_000)}"\\u0000"${"]".repeat(100_000)}`;
    const answer = await server.inject({
      ...{ method: "POST", url: "/json/a", payload: nested },
      headers: { ...headers, "content-type": "application/json" },
    });
    expect(answer.statusCode).toBe(400);
  });
});
