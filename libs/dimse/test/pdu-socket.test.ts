import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { PduSocket } from "../src/association/pdu-socket.ts";

const [COMMAND, LAST] = [0x01, 0x02];
const RELEASE = Buffer.from("05000000000400000000", "hex");

const fragment = (control: number, bytes: Buffer, length = bytes.length + 2) => {
  const header = Buffer.from([0, 0, 0, 0, 1, control]);
  header.writeUInt32BE(length);
  return Buffer.concat([header, bytes]);
};

function pdu(...fragments: readonly Buffer[]): Buffer {
  const content = Buffer.concat(fragments);
  const header = Buffer.from([0x04, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}

const command = Buffer.from("a command set");
const dataset = Buffer.from("a data set in two fragments");
/** Fragments of both in one PDU, as PS3.8 annex E allows, and what is left in another. */
const MESSAGE = Buffer.concat([
  pdu(fragment(COMMAND | LAST, command), fragment(0, dataset.subarray(0, 9))),
  pdu(fragment(LAST, dataset.subarray(9))),
  RELEASE,
]);
const WHOLE = [pdu(fragment(COMMAND | LAST, command)), pdu(fragment(0, Buffer.of()))];

describe("PDUs of a connection", () => {
  let wire: PassThrough;
  let connection: PduSocket;
  let pdus: Buffer[];
  let errors: string[];
  let sunk: Buffer[];

  beforeEach(() => {
    wire = new PassThrough();
    connection = new PduSocket(wire as unknown as Socket);
    onTestFinished(() => {
      wire.destroy();
    });
    [pdus, errors, sunk] = [[], [], []];
    connection.on("data", (bytes: Buffer) => pdus.push(bytes));
    connection.on("error", (error: Error) => errors.push(error.message));
  });

  /** What comes after each piece is handled before the next comes. */
  async function receive(bytes: Buffer, pieceBytes: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      wire.write(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  for (const pieceBytes of [1, 5, 16, 1_000]) {
    it(`go to a data set's sink as they come, in pieces of ${pieceBytes} bytes`, async () => {
      connection.sink = () => ({ write: (bytes) => sunk.push(bytes) });
      await receive(MESSAGE, pieceBytes);
      expect(Buffer.concat(sunk)).toEqual(dataset);
      expect(pdus).toEqual([...WHOLE, pdu(fragment(LAST, Buffer.of())), RELEASE]);
      expect(errors).toEqual([]);
    });

    it(`are whole without a sink, fragment by fragment, of pieces of ${pieceBytes} bytes`, async () => {
      await receive(MESSAGE, pieceBytes);
      expect(pdus).toEqual([
        ...WHOLE,
        pdu(fragment(0, dataset.subarray(0, 9))),
        pdu(fragment(LAST, dataset.subarray(9))),
        RELEASE,
      ]);
    });
  }

  it("stay here while it is paused", async () => {
    connection.sink = () => ({
      write: (bytes) => {
        sunk.push(bytes);
        connection.pause();
      },
    });
    await receive(MESSAGE, 1_000);
    expect(Buffer.concat(sunk)).toEqual(dataset.subarray(0, 9));
    connection.resume();
    expect(Buffer.concat(sunk)).toEqual(dataset);
    expect(pdus).toEqual(WHOLE);
    connection.resume();
    await receive(RELEASE, 1_000);
    expect(pdus.slice(2)).toEqual([pdu(fragment(LAST, Buffer.of())), RELEASE, RELEASE]);
  });

  for (const [what, bytes] of [
    ["a fragment that is longer than its PDU", pdu(fragment(0, dataset, dataset.length + 3))],
    ["a fragment without a context", pdu(fragment(0, Buffer.of(), 1))],
    ["a PDU that ends within a fragment's header", pdu(Buffer.alloc(3))],
    ["a PDU of no known type", Buffer.from("090000000004", "hex")],
  ] as const) {
    it(`end with an error at ${what}`, async () => {
      await receive(bytes, 1_000);
      await receive(RELEASE, 1_000);
      expect(errors).toHaveLength(1);
      expect(pdus).toEqual([]);
    });
  }
});
