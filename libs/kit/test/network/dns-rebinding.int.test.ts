import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAddressGuard } from "../../src/network/address-guard.ts";
import type { Resolve } from "../../src/network/few-lookups.ts";
import { guardedRequest } from "../../src/network/guarded-request.ts";

/** Where webhooks may go, and what is inside of the house. */
const OUTSIDE = "127.0.0.2";
const INSIDE = "127.0.0.1";

describe("a name that answers differently each time it is asked", () => {
  const servers: Server[] = [];
  let port = 0;
  let reached: string[] = [];
  /** What the name answers next; the last answer stays. */
  let answers: string[][] = [];
  let asked = 0;

  beforeAll(async () => {
    port = await listen(OUTSIDE, 0);
    await listen(INSIDE, port);
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });
  beforeEach(() => {
    reached = [];
    asked = 0;
  });

  async function listen(address: string, wanted: number): Promise<number> {
    const server = createServer((_request, response) => {
      reached.push(address);
      response.end();
    });
    servers.push(server);
    server.listen(wanted, address);
    await once(server, "listening");
    const bound = server.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
  }

  const resolve: Resolve = (_host, _options, callback) => {
    const next = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const addresses = next.map((address) => ({ address, family: 4 }));
    process.nextTick(() => callback(null, addresses));
  };

  const send = () => {
    const guard = createAddressGuard([`${OUTSIDE}/32`], resolve);
    const url = `http://receiver.example:${port}/`;
    return guardedRequest({ url, headers: {}, body: "{}", guard, timeoutMs: 5_000 });
  };

  it("is asked once, and the address that was checked is the one connected to", async () => {
    answers = [[OUTSIDE], [INSIDE]];
    expect((await send()).status).toBe(200);
    expect({ reached, asked }).toEqual({ reached: [OUTSIDE], asked: 1 });
    await expect(send()).rejects.toMatchObject({ code: "peer-unreachable" });
    expect(reached).toEqual([OUTSIDE]);
  });

  it("is refused when any of its addresses is inside, in whatever order", async () => {
    for (const both of [
      [OUTSIDE, INSIDE],
      [INSIDE, OUTSIDE],
    ]) {
      answers = [both];
      await expect(send()).rejects.toMatchObject({ code: "peer-unreachable" });
    }
    expect(reached).toEqual([]);
  });
});
