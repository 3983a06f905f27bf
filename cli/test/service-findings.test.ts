import { createServer, type Server } from "node:http";
import { freePort } from "@axial/testkit";
import { afterEach, expect, it } from "vitest";
import { serviceFindings } from "../src/doctor/service-findings.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Answers every request; returns its address. */
async function answering(status: number, type: string, body: string): Promise<string> {
  const made = createServer((_request, response) => {
    response.writeHead(status, { "content-type": type }).end(body);
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const address = made.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

const look = (url: string, isExpected: boolean) =>
  serviceFindings({ url, isExpected, data: "/nowhere", key: "axial_key" });

it("a service that was named and does not answer is a problem", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await look(url, true)).toMatchObject([
    { check: "server", ok: false, found: expect.stringMatching(/no answer from .*ECONNREFUSED/) },
  ]);
});

it("without a named one, that none runs is a warning", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await look(url, false)).toMatchObject([
    { check: "server", ok: true, warning: true, found: expect.stringContaining("none is running") },
  ]);
});

it.each([
  [502, "text/html", "<h1>502 Bad Gateway</h1>"],
  [200, "text/html", "<h1>It works!</h1>"],
  [200, "application/json", "[]"],
])("an answer of something else (%i %s %s) is a problem, not a crash", async (...answer) => {
  const [server, ...others] = await look(await answering(...answer), false);
  expect(server).toMatchObject({ check: "server", ok: false });
  expect(server?.found).toContain(`answers ${answer[0]} to /readyz`);
  expect(others).toMatchObject([{ check: "service", ok: false }]);
});

it("an ingress that does not pass /readyz on is no failure by itself", async () => {
  const [server] = await look(await answering(404, "text/plain", "no such page"), true);
  expect(server).toMatchObject({ check: "server", ok: true });
});
