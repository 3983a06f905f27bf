import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AxialClient } from "../src/index.ts";

type Answer = (response: ServerResponse) => void;

const json =
  (status: number, body: object): Answer =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const breakOff: Answer = (response) => response.destroy();

describe("waiting for a study", () => {
  let server: Server;
  let asked = 0;

  /** Answers in turn, the last one for ever. */
  async function clientOf(...answers: readonly Answer[]): Promise<AxialClient> {
    asked = 0;
    server = createServer((_request, response) => {
      answers[Math.min(asked, answers.length - 1)]?.(response);
      asked += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new AxialClient({ url: `http://127.0.0.1:${port}`, key: "axial_test" });
  }

  afterEach(() => server.close());

  it("polls an unreachable server again, and returns the complete study", async () => {
    const client = await clientOf(
      json(503, { title: "no server" }),
      breakOff,
      json(200, { state: "closed" }),
      json(200, { state: "complete" }),
    );
    expect(await client.studies.wait("1.2.3", 20)).toEqual({ state: "complete" });
    expect(asked).toBe(4);
  });

  it("gives up at once on an answer that asking again would not change", async () => {
    const client = await clientOf(json(404, { title: "No such study" }));
    await expect(client.studies.wait("1.2.3", 20)).rejects.toThrow("No such study");
    expect(asked).toBe(1);
  });

  it("says at the deadline what stood in the way", async () => {
    const away = await clientOf(json(503, { title: "no server" }));
    await expect(away.studies.wait("1.2.3", 0)).rejects.toThrow("no server after 0 s");
    server.close();
    const slow = await clientOf(json(200, { state: "closed" }));
    await expect(slow.studies.wait("1.2.3", 0)).rejects.toThrow("study 1.2.3 is closed after 0 s");
  });
});
