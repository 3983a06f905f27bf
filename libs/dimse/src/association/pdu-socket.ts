import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import {
  MAX_ASSOCIATE_BYTES,
  MAX_COMMAND_BYTES,
  MAX_IDENTIFIER_BYTES,
  MAX_PDU_BYTES,
} from "../limits.ts";
import { ByteQueue } from "./byte-queue.ts";
import { PEER_TIMES, PeerClock } from "./peer-clock.ts";

/** Type, a reserved byte, length (PS3.8 9.3.1). */
const HEADER_BYTES = 6;
/** Length, presentation context, message control (PS3.8 9.3.5.1, annex E.2). */
const FRAGMENT_HEADER_BYTES = 6;
/** The length of a fragment counts these. */
const CONTEXT_AND_CONTROL_BYTES = 2;
const [COMMAND, LAST] = [0x01, 0x02];
const ASSOCIATE = new Set([0x01, 0x02]);
const P_DATA_TF = 0x04;
const KNOWN_TYPES = new Set([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]);
/** Release and abort have four bytes of content; a rejection as well. */
const SHORT_PDU_BYTES = 1024;
const NOTHING = Buffer.of();

interface Fragment {
  readonly context: number;
  readonly control: number;
  /** Bytes of it that have not been handed on. */
  left: number;
}

/** Takes the bytes of a data set as they come. */
interface Sink {
  write(bytes: Buffer): unknown;
}

/**
 * A connection seen PDU by PDU. `data` is one whole PDU with its header; of a P-DATA-TF it is one
 * fragment. A PDU longer than its type may be, or of no known type, is an `error` before it is in
 * memory. A data set that has a sink goes there piece by piece as it comes, and `data` has only an
 * empty fragment at its beginning and at its end: made whole first, its PDUs would cost the garbage
 * collector more than everything else that is done with them.
 * While paused, bytes that came stay here and the peer's TCP window closes. A peer that takes longer
 * than `PeerTimes` allow is a `late` with a message.
 */
export class PduSocket extends EventEmitter {
  readonly #socket: Socket;
  readonly #clock: PeerClock;
  readonly #queue = new ByteQueue();
  /** Header of the PDU that is being received; null between PDUs and within a P-DATA-TF. */
  #header: Buffer | null = null;
  /** Bytes of the present P-DATA-TF behind the present fragment. */
  #behind = 0;
  #fragment: Fragment | null = null;
  #paused = false;
  #failed = false;
  /** Bytes of the command set, and of the data set, that fragments so far hold. */
  #command = 0;
  #dataset = 0;
  #isWithinDataset = false;

  /** Where the present data set goes; null while it is to be in memory. */
  sink: () => Sink | null = () => null;

  constructor(socket: Socket, times = PEER_TIMES) {
    super();
    this.#socket = socket;
    this.#clock = new PeerClock(times, {
      unsent: () => socket.writableLength,
      expired: (message) => this.emit("late", message),
    });
    socket.on("close", () => this.#clock.stop());
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    for (const event of ["error", "close", "end"]) {
      socket.on(event, (...values: unknown[]) => this.emit(event, ...values));
    }
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** The library asks for a limit of its own, which knows nothing of a data set under way. */
  setTimeout(): void {}

  write(bytes: Uint8Array): boolean {
    return this.#socket.writable && this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
    this.#clock.waitFor("connection");
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    this.#clock.waitFor("us");
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#clock.waitFor("peer");
    this.#handOn();
    if (!this.#paused) this.#socket.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#failed) return;
    this.#queue.push(chunk);
    this.#clock.moved(chunk.length);
    this.#handOn();
  }

  /** Hands on what has come, until paused. */
  #handOn(): void {
    while (!this.#paused && !this.#failed && this.#step());
  }

  /** False when more has to come first. */
  #step(): boolean {
    if (this.#fragment !== null) return this.#handOnFragment(this.#fragment);
    if (this.#behind > 0) return this.#beginFragment();
    return this.#header === null ? this.#beginPdu() : this.#handOnPdu(this.#header);
  }

  #beginPdu(): boolean {
    if (this.#queue.length < HEADER_BYTES) return false;
    const header = this.#queue.take(HEADER_BYTES);
    const type = header.readUInt8(0);
    const length = header.readUInt32BE(2);
    if (!KNOWN_TYPES.has(type) || length > longest(type)) {
      return this.#fail(`a PDU of type ${type} and ${length} bytes`);
    }
    if (type === P_DATA_TF) this.#behind = length;
    else this.#header = header;
    return true;
  }

  #handOnPdu(header: Buffer): boolean {
    const length = header.readUInt32BE(2);
    if (this.#queue.length < length) return false;
    this.#header = null;
    this.#clock.waitFor("peer");
    this.emit("data", Buffer.concat([header, this.#queue.take(length)]));
    return true;
  }

  #beginFragment(): boolean {
    if (this.#queue.length < Math.min(FRAGMENT_HEADER_BYTES, this.#behind)) return false;
    const header = this.#queue.take(Math.min(FRAGMENT_HEADER_BYTES, this.#behind));
    const length = header.length < FRAGMENT_HEADER_BYTES ? 0 : header.readUInt32BE(0);
    const behind = this.#behind - FRAGMENT_HEADER_BYTES - (length - CONTEXT_AND_CONTROL_BYTES);
    if (length < CONTEXT_AND_CONTROL_BYTES || behind < 0) {
      return this.#fail(`a fragment of ${length} bytes in what is left of its PDU`);
    }
    const [context, control] = [header.readUInt8(4), header.readUInt8(5)];
    this.#behind = behind;
    this.#fragment = { context, control, left: length - CONTEXT_AND_CONTROL_BYTES };
    if ((control & COMMAND) === 0) this.#beginDataset(context);
    return true;
  }

  /** The library asks for a data set's stream when its first fragment comes. */
  #beginDataset(context: number): void {
    if (this.#isWithinDataset) return;
    this.#isWithinDataset = true;
    this.emit("data", dataPdu(context, 0, NOTHING));
  }

  #handOnFragment(fragment: Fragment): boolean {
    const { context, control, left } = fragment;
    const sink = (control & COMMAND) === 0 ? this.sink() : null;
    if (sink !== null && left > 0) {
      if (this.#queue.length === 0) return false;
      const bytes = this.#queue.takeSome(left);
      fragment.left -= bytes.length;
      sink.write(bytes);
      return true;
    }
    if (this.#queue.length < left) return false;
    this.#fragment = null;
    if ((control & LAST) !== 0) this.#clock.waitFor("peer");
    if ((control & COMMAND) === 0 && (control & LAST) !== 0) this.#isWithinDataset = false;
    if (sink === null) this.#count(control, left);
    // The library already has an empty fragment for what went to the sink; it needs only the last one.
    const isForLibrary = sink === null || (control & LAST) !== 0;
    if (isForLibrary && !this.#failed)
      this.emit("data", dataPdu(context, control, this.#queue.take(left)));
    return true;
  }

  /** Adds up the fragments of a message, of which the library sets no limit. */
  #count(control: number, length: number): void {
    const last = (control & LAST) !== 0;
    if ((control & COMMAND) !== 0) {
      if (this.#command + length > MAX_COMMAND_BYTES) this.#fail("a command set without end");
      this.#command = last ? 0 : this.#command + length;
    } else {
      if (this.#dataset + length > MAX_IDENTIFIER_BYTES) this.#fail("an identifier without end");
      this.#dataset = last ? 0 : this.#dataset + length;
    }
  }

  #fail(message: string): false {
    this.#failed = true;
    this.emit("error", new Error(message));
    return false;
  }
}

/** A P-DATA-TF of one fragment. */
function dataPdu(context: number, control: number, bytes: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + FRAGMENT_HEADER_BYTES);
  header.writeUInt8(P_DATA_TF, 0);
  header.writeUInt32BE(FRAGMENT_HEADER_BYTES + bytes.length, 2);
  header.writeUInt32BE(CONTEXT_AND_CONTROL_BYTES + bytes.length, HEADER_BYTES);
  header.writeUInt8(context, HEADER_BYTES + 4);
  header.writeUInt8(control, HEADER_BYTES + 5);
  return bytes.length === 0 ? header : Buffer.concat([header, bytes]);
}

function longest(type: number): number {
  if (type === P_DATA_TF) return MAX_PDU_BYTES;
  return ASSOCIATE.has(type) ? MAX_ASSOCIATE_BYTES : SHORT_PDU_BYTES;
}
