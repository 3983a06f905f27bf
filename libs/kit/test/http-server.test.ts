import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { AxialError, HOME_TENANT, type Role, type TenantId } from "@axial/contracts";
import {
  type Access,
  createHttpServer,
  createLogger,
  createMetrics,
  isStillAllowed,
  type Principal,
} from "@axial/kit";
import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const READER: Principal = { keyId: "k", tenant: "default" as TenantId, role: "reader" };
const KEY = { authorization: "Bearer reader-key-0123456789" };

describe("createHttpServer", () => {
  let server: Awaited<ReturnType<typeof createHttpServer>>;
  let ready: Error | null = null;
  let accesses: Access[] = [];
  let unwritable = false;
  let role = "reader";
  let logged: string[] = [];

  beforeEach(async () => {
    logged = [];
    role = "reader";
    accesses = [];
    unwritable = false;
    server = await createHttpServer({
      logger: createLogger({
        service: "test",
        destination: { write: (line: string) => void logged.push(line) },
      }),
      metrics: createMetrics("test"),
      probes: [
        {
          name: "store",
          check: async () => {
            if (ready !== null) throw ready;
          },
        },
      ],
      isOutage: (thrown) => (thrown as { code?: string }).code === "57P03",
      authenticate: async (token) =>
        token === KEY.authorization.slice(7)
          ? { status: "accepted", principal: { ...READER, role: role as Role } }
          : { status: "refused", reason: "unknown-key" },
      audit: async (access) => {
        if (unwritable) throw Object.assign(new Error("no room"), { code: "57P03" });
        accesses.push(access);
      },
    });
    server.get("/readable", { config: { role: "reader" } }, async () => ({ ok: true }));
    server.get("/unmarked", async () => ({ ok: true }));
    server.get("/broken", { config: { role: "reader" } }, async () => {
      throw new Error("secret DOE^JANE");
    });
    server.get("/away", { config: { role: "reader" } }, async () => {
      throw Object.assign(new Error("of DOE^JANE"), { code: "57P03" });
    });
    server.get("/busy", { config: { role: "reader" } }, async () => {
      throw new AxialError("too-busy");
    });
    const counted = Type.Object({ n: Type.Integer({ minimum: 1, maximum: 500 }) });
    server.get(
      "/counted",
      { config: { role: "reader" }, schema: { querystring: counted } },
      async (request) => ({ n: request.query.n }),
    );
    server.post(
      "/typed",
      { config: { role: "reader" }, schema: { body: Type.Object({ n: Type.Integer() }) } },
      async (request) => ({ n: request.body.n }),
    );
  });
  afterEach(() => server.close());

  it("answers no route but the probes without a key", async () => {
    for (const url of ["/readable", "/unmarked"]) {
      const answer = await server.inject({ url });
      expect(answer.statusCode).toBe(401);
      expect(answer.json().code).toBe("unauthenticated");
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
    }
    for (const url of ["/livez", "/readyz", "/metrics"]) {
      expect((await server.inject({ url })).statusCode).toBe(200);
    }
  });

  it("shows metrics to callers from elsewhere with a key of the home tenant, where that is asked", async () => {
    const keys: Record<string, Principal> = {
      "home-reader-key-1": { ...READER, tenant: HOME_TENANT },
      "other-admin-key-1": { ...READER, tenant: "other" as TenantId, role: "admin" },
    };
    const keyed = await createHttpServer({
      logger: createLogger({ service: "test", destination: { write: () => {} } }),
      ...{ metrics: createMetrics("test"), probes: [], metricsAccess: "key" },
      authenticate: async (token) => {
        const principal = keys[token];
        return principal === undefined
          ? { status: "refused", reason: "unknown-key" }
          : { status: "accepted", principal };
      },
    });
    const statusFor = async (remoteAddress: string, headers: Record<string, string> = {}) =>
      (await keyed.inject({ url: "/metrics", remoteAddress, headers })).statusCode;
    const [away, bearer] = ["192.0.2.7", (key: string) => ({ authorization: `Bearer ${key}` })];
    expect(await statusFor("127.0.0.1")).toBe(200);
    expect(await statusFor("::ffff:127.0.0.1")).toBe(200);
    expect(await statusFor("127.0.0.1", { "x-forwarded-for": away })).toBe(401);
    expect(await statusFor(away)).toBe(401);
    expect(await statusFor(away, bearer("a-key-there-is-not"))).toBe(401);
    expect(await statusFor(away, bearer("other-admin-key-1"))).toBe(403);
    expect(await statusFor(away, bearer("home-reader-key-1"))).toBe(200);
    expect((await keyed.inject({ url: "/livez", remoteAddress: away })).statusCode).toBe(200);
    await keyed.close();
  });

  it("counts a request while it is answered, and no longer", async () => {
    const inFlight = async () => {
      const { body } = await server.inject({ url: "/metrics" });
      return /^axial_http_requests_in_flight\{[^}]*\} (\d+)$/m.exec(body)?.[1];
    };
    const held = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    server.get("/held", { config: { public: true } }, async () => {
      arrived.resolve();
      await held.promise;
      return {};
    });
    const answer = server.inject({ url: "/held" }).then(({ statusCode }) => statusCode);
    await arrived.promise;
    expect(await inFlight()).toBe("2");
    held.resolve();
    expect(await answer).toBe(200);
    expect(await inFlight()).toBe("1");
  });

  const metric = async (pattern: RegExp) =>
    pattern.exec((await server.inject({ url: "/metrics" })).body)?.[1];

  it("runs its probes at each scrape: alarms do not depend on readiness requests", async () => {
    const up = /^axial_dependency_up\{dependency="store"[^}]*\} (\d)$/m;
    expect(await metric(up)).toBe("1");
    ready = new Error("disk is full");
    expect(await metric(up)).toBe("0");
    ready = null;
  });

  it("counts requests by route template, method and status", async () => {
    server.get("/things/:id", { config: { public: true } }, async () => ({}));
    for (const url of ["/things/1", "/things/2", "/wp-login.php", "/admin.php"]) {
      await server.inject({ url });
    }
    const count = (labels: string) =>
      metric(new RegExp(`^axial_http_request_seconds_count\\{[^}]*${labels}[^}]*\\} (\\d+)$`, "m"));
    expect(await count('route="/things/:id",method="GET",status="200"')).toBe("2");
    expect(await count('route="none",method="GET",status="404"')).toBe("2");
  });

  it("logs a request that failed with its route, ids and key, never its path", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { ...KEY, traceparent, "x-request-id": "pacs-7f3a09c2" };
    await server.inject({ url: "/broken?PatientName=DOE", headers });
    const line = logged.find((text) => text.includes('"msg":"request"')) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({
      requestId: "pacs-7f3a09c2",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      key: "k",
      route: "/broken",
      status: 500,
    });
    expect(logged.join("")).toContain("request failed");
    expect(logged.join("")).not.toContain("DOE");
  });

  it("answers with the caller's request id where it is one, else with its own", async () => {
    const idOf = async (given: string) => {
      const headers = { ...KEY, "x-request-id": given };
      return (await server.inject({ url: "/readable", headers })).headers["x-request-id"];
    };
    expect(await idOf("6e1b7b1e-3f0c-4f53-9b0e-0d6a1f5c2e77")).toContain("6e1b7b1e");
    expect(await idOf("DOE^JANE 1970")).toMatch(/^[0-9a-f]{32}$/);
    expect(await idOf("x".repeat(500))).toMatch(/^[0-9a-f]{32}$/);
  });

  it("needs the admin role on a route that names none", async () => {
    expect((await server.inject({ url: "/readable", headers: KEY })).statusCode).toBe(200);
    expect((await server.inject({ url: "/unmarked", headers: KEY })).json().code).toBe("forbidden");
  });

  it("says of a request that lasts whether its key still has the route's role", async () => {
    const config = { role: "reader" } as const;
    server.get("/lasting", { config }, async (request) => {
      const before = await isStillAllowed(request);
      role = "none";
      return [before, await isStillAllowed(request)];
    });
    expect((await server.inject({ url: "/lasting", headers: KEY })).json()).toEqual([true, false]);
  });

  it("says of every answer that it is no page and kept nowhere, unless its public route says otherwise", async () => {
    server.get("/pixels", { config: { role: "reader" } }, (_request, reply) =>
      reply.header("cache-control", "private, max-age=86400").send("pixels"),
    );
    server.get("/kept", { config: { public: true } }, (_request, reply) =>
      reply.header("cache-control", "private, no-cache").type("text/html").send("<p>"),
    );
    for (const url of ["/readable", "/broken", "/nowhere", "/pixels"]) {
      expect((await server.inject({ url, headers: KEY })).headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      });
    }
    const { headers } = await server.inject({ url: "/kept" });
    expect(headers["cache-control"]).toBe("private, no-cache");
    expect(headers["content-security-policy"]).toBeUndefined();
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  it("names the reason when it is not ready", async () => {
    ready = new Error("disk is full");
    const answer = await server.inject({ url: "/readyz" });
    ready = null;
    expect(answer.statusCode).toBe(503);
    expect(answer.json().failures).toEqual([{ name: "store", reason: "disk is full" }]);
  });

  describe("audit", () => {
    const study = "1.2.840.1";
    const headers = { authorization: KEY.authorization };

    it("has a read before the answer, a failed one never", async () => {
      const config = { role: "reader", audit: "study.read" } as const;
      server.get("/studies/:study", { config }, async (request) => {
        const { study: asked } = request.params as { study: string };
        if (asked !== study) throw new AxialError("not-found");
        return { ok: true };
      });
      expect((await server.inject({ url: `/studies/${study}`, headers })).statusCode).toBe(200);
      expect((await server.inject({ url: "/studies/9", headers })).statusCode).toBe(404);
      expect(accesses).toEqual([
        {
          ...{ tenant: "default", keyId: "k", address: "127.0.0.1" },
          ...{ action: "study.read", outcome: "success", studyUid: study },
        },
      ]);
      unwritable = true;
      const answer = await server.inject({ url: `/studies/${study}`, headers });
      expect([answer.statusCode, answer.json().code]).toEqual([503, "unavailable"]);
    });

    it("has wrong keys and missing roles, and no key's value", async () => {
      await server.inject({ url: "/readable" });
      await server.inject({
        url: "/readable",
        headers: { authorization: "Bearer wrong-0123456789" },
      });
      await server.inject({ url: "/unmarked", headers });
      expect(accesses).toMatchObject([
        { tenant: null, keyId: null, action: "login", outcome: "refused" },
        { keyId: "k", action: "access", outcome: "refused", detail: { route: "GET /unmarked" } },
      ]);
      expect(JSON.stringify(accesses)).not.toContain("wrong");
    });

    it("is named by every route that reads a study", () => {
      expect(() =>
        server.get("/studies/:study/more", { config: { role: "reader" } }, async () => ({})),
      ).toThrow("does not name its audit");
    });
  });

  it("shows nothing of an internal error but its request id", async () => {
    const answer = await server.inject({ url: "/broken", headers: KEY });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.body).not.toContain("DOE");
    expect(answer.json().requestId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("calls an outage one, and tells when to come back", async () => {
    const answer = await server.inject({ url: "/away", headers: KEY });
    expect([answer.statusCode, answer.json().code]).toEqual([503, "unavailable"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.body).not.toContain("DOE");
  });

  it("tells a caller when to come back", async () => {
    const answer = await server.inject({ url: "/busy", headers: KEY });
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  });

  it("answers a body that does not fit its schema with a problem", async () => {
    const answer = await server.inject({
      method: "POST",
      url: "/typed",
      headers: KEY,
      payload: { n: "x" },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe("invalid-request");
  });

  it("refuses a number that is not finite, whatever its maximum", async () => {
    for (const count of ["1e999", "-1e999"]) {
      const answer = await server.inject({ url: `/counted?n=${count}`, headers: KEY });
      expect([count, answer.statusCode, answer.json().code]).toEqual([
        count,
        400,
        "invalid-request",
      ]);
    }
    const payload = '{"n": 1e999}';
    const headers = { ...KEY, "content-type": "application/json" };
    const answer = await server.inject({ method: "POST", url: "/typed", headers, payload });
    expect(answer.statusCode).toBe(400);
    expect((await server.inject({ url: "/counted?n=3", headers: KEY })).json()).toEqual({ n: 3 });
  });

  it.each([
    ["no request line", "NONSENSE\r\n\r\n", "it is not an HTTP request"],
    [
      "long headers",
      `GET / HTTP/1.1\r\nA: ${"a".repeat(70_000)}\r\n\r\n`,
      "its headers are too long",
    ],
  ])("answers %s with a problem document", async (_what, sent, detail) => {
    await server.listen({ host: "127.0.0.1", port: 0 });
    const client = connect((server.server.address() as AddressInfo).port, "127.0.0.1");
    let answer = "";
    client.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    client.write(sent);
    await once(client, "close");
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 .*\r\nContent-Type: application\/problem\+json/);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: "invalid-request", detail });
  });

  it("answers a request that is on its way while it closes", async () => {
    await server.listen({ host: "127.0.0.1", port: 0 });
    const client = connect((server.server.address() as AddressInfo).port, "127.0.0.1");
    const accepted = once(server.server, "connection");
    let answer = "";
    client.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    client.write("GET /livez HTTP/1.1\r\nHost: a\r\n");
    const [socket] = await accepted;
    while (socket.bytesRead === 0) await setImmediate();
    const closing = server.close();
    await setImmediate();
    client.write("\r\n");
    await Promise.all([once(client, "end"), closing]);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer.toLowerCase()).toContain("connection: close");
  });
});
