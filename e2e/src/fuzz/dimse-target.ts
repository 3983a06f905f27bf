import { connect } from "node:net";
import { mutate, type Random } from "@axial/dicom/fuzz";
import { phantomSeries } from "@axial/testkit";
import type { System } from "../system.ts";
import { type Ending, HANG_MS, type Target } from "./target.ts";

/** PDU types (PS3.8 9.3.1). */
const ASSOCIATE = 0x01;
const DATA = 0x04;
const RELEASE = 0x05;
const APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1";
const MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4";
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
/** Where the data set begins: behind preamble, prefix and group 0002. */
const PREAMBLE_BYTES = 132;

/** Associations with damaged PDUs, command sets and data sets, and bytes that are not PDUs at all. */
export const dimseTarget: Target = { name: "dimse", send };

function send(system: System, random: Random): Promise<Ending> {
  const pdus = [associate(), ...store(), release()];
  const damaged = pdus.map((pdu) => (random.below(3) === 0 ? mutate(pdu, random) : pdu));
  const order = random.below(5) === 0 ? damaged.toReversed() : damaged;
  const bytes = random.below(8) === 0 ? noise(random) : Buffer.concat(order);
  return talk(system.dimsePort, bytes);
}

/** Sends all of it at once and waits until the peer closes, or says that it has nothing to add. */
function talk(port: number, bytes: Buffer): Promise<Ending> {
  return new Promise((resolve) => {
    let answered = 0;
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    const hung = setTimeout(
      () => finish({ wrong: "the connection stays open", case: bytes }),
      HANG_MS,
    );
    const finish = (ending: Ending) => {
      clearTimeout(hung);
      socket.destroy();
      resolve(ending);
    };
    socket.on("data", (chunk: Buffer) => {
      answered = chunk[0] ?? 0;
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      finish(
        error.code === "ECONNREFUSED"
          ? { wrong: "not listening", case: bytes }
          : { ended: error.code ?? "error" },
      ),
    );
    socket.once("close", () => finish({ ended: `pdu ${answered}` }));
  });
}

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 1 + random.below(2_000) }, () => random.below(256)));
}

function pdu(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function item(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function associate(): Buffer {
  const fixed = Buffer.alloc(68, 0);
  fixed.writeUInt16BE(1, 0);
  fixed.write("AXIAL".padEnd(16), 4, "latin1");
  fixed.write("FUZZ".padEnd(16), 20, "latin1");
  const context = Buffer.concat([
    Buffer.of(1, 0, 0, 0),
    item(0x30, Buffer.from(MR_IMAGE)),
    item(0x40, Buffer.from(EXPLICIT_LITTLE_ENDIAN)),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(16_384);
  const user = Buffer.concat([item(0x51, length), item(0x52, Buffer.from("1.2.3"))]);
  const items = [
    item(0x10, Buffer.from(APPLICATION_CONTEXT)),
    item(0x20, context),
    item(0x50, user),
  ];
  return pdu(ASSOCIATE, Buffer.concat([fixed, ...items]));
}

/** A C-STORE request with its data set (PS3.7 9.3.1). */
function store(): Buffer[] {
  const [file = Buffer.alloc(0)] = phantomSeries({ kind: "brain", slices: 1, size: 16 }).files;
  const meta = file.readUInt32LE(PREAMBLE_BYTES + 8) + PREAMBLE_BYTES + 12;
  const command = commandSet();
  return [
    pdu(DATA, fragment(0x03, command)),
    ...pieces(file.subarray(meta), 4_000).map((piece, index, all) =>
      pdu(DATA, fragment(index === all.length - 1 ? 0x02 : 0x00, piece)),
    ),
  ];
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function fragment(control: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(bytes.length + 2, 0);
  head.writeUInt8(1, 4);
  head.writeUInt8(control, 5);
  return Buffer.concat([head, bytes]);
}

function commandSet(): Buffer {
  const elements = Buffer.concat([
    element(0x0002, padded(MR_IMAGE)),
    element(0x0100, short(0x0001)),
    element(0x0110, short(1)),
    element(0x0700, short(0)),
    element(0x0800, short(1)),
    element(0x1000, padded("1.2.3.4")),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([element(0x0000, length), elements]);
}

function element(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function padded(uid: string): Buffer {
  return Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`);
}

function release(): Buffer {
  return pdu(RELEASE, Buffer.alloc(4));
}
