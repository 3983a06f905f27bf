import Fastify from "fastify";
import { expect, it } from "vitest";
import { openApi, wholeOpenApi } from "../src/open-api.ts";

it.each([
  ["one process", openApi],
  ["a service of a cluster", wholeOpenApi],
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
