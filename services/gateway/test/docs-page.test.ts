import Fastify from "fastify";
import { expect, it } from "vitest";
import { openApi, wholeOpenApi } from "../src/open-api.ts";

it.each([
  ["one process", openApi],
  ["a service of a cluster", wholeOpenApi],
])("/docs of %s runs no script but its own and goes into no frame", async (_name, extend) => {
  const server = Fastify();
  await extend(server);
  for (const url of ["/docs", "/docs/"]) {
    const { statusCode, headers } = await server.inject(url);
    expect(statusCode).toBe(200);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
  }
  await server.close();
});
