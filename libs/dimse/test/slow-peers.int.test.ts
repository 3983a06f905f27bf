import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { associationRequest, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type DimseServer,
  listenDimse,
  type Outcome,
  PEER_TIMES,
  sendInstances,
} from "../src/index.ts";

const TIMES = { ...PEER_TIMES, artimMs: 600, idleMs: 600, minBytes: 4_096 };
/** A piece of each chunk every 20 ms: a data set of 128 KiB takes three idle times. */
const STEADY = { bytes: 1_500, everyMs: 20 };
/** A third of what the idle time asks for. */
const DRIPPING = { bytes: 16, everyMs: 5 };

const [LATE, SILENT] = [
  "the peer did not open or close in time",
  "the peer is silent, or too slow",
];

type Pace = typeof STEADY;

/** Passes on what a sender sends at a pace, from the 2,000th byte: after the association is open. */
async function throttled(target: number, pace: Pace): Promise<{ port: number; server: Server }> {
  const server = createServer((inner) => {
    const outer = connect(target, "127.0.0.1");
    const close = () => {
      inner.destroy();
      outer.destroy();
    };
    for (const socket of [inner, outer]) socket.on("error", () => {}).on("close", close);
    outer.pipe(inner);
    forward(inner, outer, pace).then(close, close);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, server };
}

const QUICK_BYTES = 2_000;

async function forward(from: Socket, to: Socket, { bytes, everyMs }: Pace): Promise<void> {
  let passed = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length && to.writable; ) {
      const length = passed < QUICK_BYTES ? QUICK_BYTES : bytes;
      to.write(chunk.subarray(at, at + length));
      at += length;
      passed += length;
      if (passed > QUICK_BYTES) await sleep(everyMs);
    }
  }
}

describe("peers that are slow", () => {
  let server: DimseServer;
  const servers: Server[] = [];
  const troubles: string[] = [];
  const ended: string[] = [];
  let stored: number[] = [];
  let storing: () => Promise<void> = async () => {};
  const [file = Buffer.of()] = phantomSeries({ kind: "brain", slices: 5, size: 256 }).files;

  beforeAll(async () => {
    server = await listenDimse({
      host: "127.0.0.1",
      port: 0,
      times: TIMES,
      associate: async () => ({
        status: "accepted",
        session: {
          store: async ({ body }): Promise<Outcome> => {
            let bytes = 0;
            for await (const chunk of body) bytes += chunk.length;
            await storing();
            stored.push(bytes);
            return { status: 0 };
          },
          commit: async (request) => ({ ...request, failed: [] }),
          committed: async () => false,
          reportLater: () => {},
          end: (how) => ended.push(how),
        },
      }),
      trouble: ({ message }) => troubles.push(message),
    });
  });
  afterAll(async () => {
    for (const one of servers) one.close();
    await server?.close();
  });

  const peerAt = (port: number) => ({
    host: "127.0.0.1",
    port,
    calledAeTitle: "AXIAL",
    callingAeTitle: "SLOW",
  });

  async function through(pace: Pace): Promise<Outcome[]> {
    const { port, server: proxy } = await throttled(server.port, pace);
    servers.push(proxy);
    [stored, troubles.length, ended.length] = [[], 0, 0];
    return sendInstances(peerAt(port), [file]);
  }

  test("a data set may take longer than the idle time, while it comes steadily", async () => {
    const began = performance.now();
    expect(await through(STEADY)).toMatchObject([{ status: 0 }]);
    expect(performance.now() - began).toBeGreaterThan(2 * TIMES.idleMs);
    expect(stored).toHaveLength(1);
    expect(troubles).toEqual([]);
  });

  test("one that drips ends with its association", async () => {
    await expect(through(DRIPPING)).rejects.toMatchObject({ code: "peer-unreachable" });
    expect(stored).toEqual([]);
    expect(ended).toContain("lost");
    expect(troubles).toContainEqual(expect.stringContaining(SILENT));
  });

  test("a store that takes longer than the idle time is not the peer's fault", async () => {
    storing = () => sleep(3 * TIMES.idleMs);
    troubles.length = 0;
    const outcomes = await sendInstances(peerAt(server.port), [file]).finally(() => {
      storing = async () => {};
    });
    expect(outcomes).toMatchObject([{ status: 0 }]);
    expect(troubles).toEqual([]);
  });

  test.each([
    ["nothing", Buffer.of(), LATE],
    ["half of an A-ASSOCIATE-RQ", associationRequest("AXIAL", "HALF").subarray(0, 80), LATE],
    ["an A-ASSOCIATE-RQ, and then nothing", associationRequest("AXIAL", "SILENT"), SILENT],
  ])("a peer that sends %s is disconnected", async (_what, bytes, trouble) => {
    troubles.length = 0;
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.write(bytes);
    await once(socket, "close");
    expect(troubles).toEqual([expect.stringContaining(trouble)]);
  });
});
