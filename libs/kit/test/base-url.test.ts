import { afterEach, expect, test } from "vitest";
import { baseUrl, createHttpServer, createMetrics } from "../src/index.ts";
import { createLogger } from "../src/log.ts";

type Server = Awaited<ReturnType<typeof createHttpServer>>;
let server: Server | undefined;
afterEach(() => server?.close());

async function baseOf(
  headers: Record<string, string>,
  options: { publicUrl?: string; trustedProxies?: string[] } = {},
) {
  server = await createHttpServer({
    logger: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics("test"),
    probes: [],
    ...options,
  });
  server.get("/base", { config: { public: true } }, async (request) => baseUrl(request));
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  const port = new URL(address).port;
  const { request } = await import("node:http");
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: "/base", headers }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject);
    asked.end();
  });
  return answer.replace(port, "PORT");
}

test("a stranger's Host is not taken, this machine's names are", async () => {
  expect(await baseOf({ host: "evil.example" })).toBe("http://127.0.0.1:PORT");
  await server?.close();
  expect(await baseOf({ host: "localhost:8080" })).toBe("http://localhost:8080");
});

test("the public address comes before everything", async () => {
  const options = { publicUrl: "https://axial.example/imaging/", trustedProxies: ["127.0.0.1"] };
  const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
  expect(await baseOf(headers, options)).toBe("https://axial.example/imaging");
});

test.each([
  [{ "x-forwarded-host": "pacs.example", "x-forwarded-proto": "https" }],
  [{ forwarded: 'for=10.0.0.9;proto=https;host="pacs.example"' }],
])("a trusted proxy's word is taken: %o", async (headers) => {
  expect(await baseOf(headers, { trustedProxies: ["127.0.0.0/8"] })).toBe("https://pacs.example");
});

test("another's is not", async () => {
  const headers = { "x-forwarded-host": "pacs.example", "x-forwarded-proto": "https" };
  expect(await baseOf(headers, { trustedProxies: ["10.0.0.0/8"] })).toBe("http://127.0.0.1:PORT");
});
