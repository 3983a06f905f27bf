import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { associationRequest, pdu } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DimseServer, echo, listenDimse, MAX_PDU_BYTES, type Peer } from "../src/index.ts";

const SESSION = {
  store: async () => ({ status: 0 }),
  commit: async (request: { transactionUid: string; instances: [] }) => ({
    ...request,
    failed: [],
  }),
  committed: async () => false,
  reportLater: () => {},
  end: () => {},
};

describe("peers that mean harm", () => {
  let server: DimseServer;
  let peer: Peer;
  beforeAll(async () => {
    server = await listenDimse({
      host: "127.0.0.1",
      port: 0,
      maxAssociations: 8,
      associate: async () => ({ status: "accepted", session: SESSION as never }),
      trouble: () => {},
    });
    peer = {
      host: "127.0.0.1",
      port: server.port,
      calledAeTitle: "AXIAL",
      callingAeTitle: "TEST",
    };
  });
  afterAll(() => server?.close());

  /** Sends `bytes` again and again until the server hangs up; resolves with how much it took. */
  async function hungUp(first: Buffer, then: Buffer, limit: number): Promise<number> {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    let closed = false;
    socket.once("close", () => {
      closed = true;
    });
    await once(socket, "connect");
    socket.write(first);
    let sent = 0;
    while (!closed && sent < limit) {
      if (!socket.write(then))
        await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => {});
      sent += then.length;
      await sleep(0);
    }
    for (let tries = 0; !closed && tries < 200; tries += 1) await sleep(10);
    socket.destroy();
    return closed ? sent : Number.POSITIVE_INFINITY;
  }

  test.each([
    ["a PDU of 4 GB", pdu(0x04, 0xffff_ffff)],
    ["a request for an association of 1 GB", pdu(0x01, 1 << 30)],
    ["a type that does not exist", pdu(0x99, 4, Buffer.alloc(4))],
  ])("%s is not waited for", async (_what, first) => {
    expect(await hungUp(first, Buffer.alloc(65_536), 64e6)).toBeLessThan(64e6);
  });

  test("a command set without end is broken off", async () => {
    const fragment = Buffer.alloc(6 + 8_192);
    fragment.writeUInt32BE(8_194, 0);
    fragment.writeUInt8(1, 4);
    fragment.writeUInt8(1, 5);
    const data = pdu(0x04, fragment.length, fragment);
    expect(await hungUp(associationRequest("AXIAL", "HOSTILE"), data, 64e6)).toBeLessThan(4e6);
  });

  test("noise ends the connection that it came on, and nothing else", async () => {
    for (let round = 0; round < 200; round += 1) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      const type = (round % 7) + 1;
      const length = (round * 37) % 900;
      const noise = Buffer.from(
        Array.from({ length }, (_, index) => (index * 31 + round * 17) % 256),
      );
      socket.write(
        round % 2 === 0 ? pdu(type, length, noise) : associationRequest("AXIAL", "HOSTILE"),
      );
      if (round % 2 === 1) socket.write(pdu(0x04, length, noise));
      await sleep(1);
      socket.destroy();
    }
    await expect(echo(peer)).resolves.toBeUndefined();
    expect(MAX_PDU_BYTES).toBeGreaterThan(0);
  });

  test("no more associations are open than allowed, and one that ends makes room", async () => {
    const sockets = Array.from({ length: 8 }, () => connect(server.port, "127.0.0.1"));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write(associationRequest("AXIAL", "HOSTILE"));
    }
    await Promise.all(sockets.map((socket) => once(socket, "data")));
    expect(server.associations).toBe(8);
    await expect(echo(peer)).rejects.toMatchObject({ code: "peer-unreachable" });
    for (const socket of sockets) socket.destroy();
    for (let tries = 0; server.associations > 0 && tries < 500; tries += 1) await sleep(10);
    await expect(echo(peer)).resolves.toBeUndefined();
  });
});
