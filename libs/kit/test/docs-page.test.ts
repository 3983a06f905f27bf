import Fastify, { type FastifyInstance } from "fastify";
import { expect, it } from "vitest";
import { openApi, ownOpenApi, wholeOpenApi } from "../src/open-api/open-api.ts";

const WHOLE = new URL("../../../services/gateway/open-api.json", import.meta.url);

it.each([
  ["one process", openApi],
  [
    "a service of a cluster",
    (server: FastifyInstance) => wholeOpenApi(server, { service: "gateway", whole: WHOLE }),
  ],
])(
  "/docs of %s runs no script but its own, goes into no frame and has Axial's mark",
  async (_name, extend) => {
    const server = Fastify();
    await extend(server);
    for (const url of ["/docs", "/docs/"]) {
      const { statusCode, headers } = await server.inject(url);
      expect(statusCode).toBe(200);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
    }
    const setUp = await server.inject("/docs/static/swagger-initializer.js");
    const [, logo = ""] = /base64,([A-Za-z0-9+/=]+)/.exec(setUp.body) ?? [];
    expect(Buffer.from(logo, "base64").toString()).toContain('aria-label="Axial"');
    const page = await server.inject("/docs/");
    expect(page.body).toContain("<title>Axial API</title>");
    const icon = await server.inject("/docs/static/theme/axial.svg");
    expect([icon.statusCode, icon.headers["content-type"]]).toEqual([200, "image/svg+xml"]);
    await server.close();
  },
);

/** The paths that a document at `url` describes. */
async function described(server: FastifyInstance, url: string): Promise<string[]> {
  const answer = await server.inject(url);
  expect(answer.statusCode).toBe(200);
  return Object.keys(answer.json().paths);
}

it("a service describes its own routes, and the one at the public address also everybody's", async () => {
  const [one, door] = [Fastify(), Fastify()];
  await ownOpenApi(one, "results");
  await wholeOpenApi(door, { service: "gateway", whole: WHOLE });
  for (const server of [one, door]) server.get("/api/v1/mine", async () => "");
  expect(await described(one, "/openapi.json")).toEqual(["/api/v1/mine"]);
  expect((await one.inject("/docs")).statusCode).toBe(404);
  expect(await described(door, "/openapi/gateway.json")).toEqual(["/api/v1/mine"]);
  const everything = await described(door, "/openapi.json");
  expect(everything).toContain("/api/v1/overview");
  expect(everything).not.toContain("/api/v1/mine");
  await Promise.all([one, door].map((server) => server.close()));
});
