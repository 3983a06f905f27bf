import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import {
  MAX_ASSOCIATE_BYTES,
  MAX_COMMAND_BYTES,
  MAX_IDENTIFIER_BYTES,
  MAX_PDU_BYTES,
} from "../limits.ts";

/** Type, a reserved byte, length (PS3.8 9.3.1). */
const HEADER_BYTES = 6;
const ASSOCIATE = new Set([0x01, 0x02]);
const P_DATA_TF = 0x04;
const KNOWN_TYPES = new Set([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]);
/** Release and abort have four bytes of content; a rejection as well. */
const SHORT_PDU_BYTES = 1024;

/**
 * A connection seen PDU by PDU. `data` is one whole PDU with its header, in memory of its own;
 * a PDU longer than its type may be, or of no known type, is an `error` before it is in memory.
 * While paused, PDUs that came stay here and the peer's TCP window closes.
 */
export class PduSocket extends EventEmitter {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #held = 0;
  /** Length of the PDU that is being received, header included; null between PDUs. */
  #wanted: number | null = null;
  #paused = false;
  #failed = false;
  /** Bytes of the command set, and of the data set, that fragments so far hold. */
  #command = 0;
  #dataset = 0;

  /** True while the data set being received goes to a reader instead of into memory. */
  isStreaming: () => boolean = () => false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    for (const event of ["error", "timeout", "close", "end"]) {
      socket.on(event, (...values: unknown[]) => this.emit(event, ...values));
    }
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  setTimeout(milliseconds: number): void {
    this.#socket.setTimeout(milliseconds);
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.writable && this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#handOn();
    if (!this.#paused) this.#socket.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#failed) return;
    this.#parts.push(chunk);
    this.#held += chunk.length;
    this.#handOn();
  }

  /** Emits every PDU that is whole, until paused. */
  #handOn(): void {
    while (!this.#paused && !this.#failed) {
      if (this.#wanted === null && this.#held >= HEADER_BYTES) this.#wanted = this.#readLength();
      if (this.#wanted === null || this.#held < this.#wanted) return;
      const pdu = this.#cut(this.#wanted);
      this.#wanted = null;
      this.emit("data", pdu);
      if (pdu.readUInt8(0) === P_DATA_TF) this.#count(pdu);
    }
  }

  /** Adds up the fragments of a message (PS3.8 9.3.5.1), of which the library sets no limit. */
  #count(pdu: Buffer): void {
    for (let at = HEADER_BYTES; at + 6 <= pdu.length; ) {
      const length = pdu.readUInt32BE(at);
      const control = pdu.readUInt8(at + 5);
      const last = (control & 2) !== 0;
      if ((control & 1) !== 0) this.#command = last ? 0 : this.#command + length;
      else this.#dataset = last ? 0 : this.#dataset + length;
      at += 4 + Math.max(length, 2);
    }
    if (this.#command > MAX_COMMAND_BYTES) this.#fail("a command set without end");
    if (this.#dataset > MAX_IDENTIFIER_BYTES && !this.isStreaming())
      this.#fail("an identifier without end");
  }

  #fail(message: string): void {
    this.#failed = true;
    this.emit("error", new Error(message));
  }

  #readLength(): number | null {
    const [first] = this.#parts;
    const header = first && first.length >= HEADER_BYTES ? first : this.#merge();
    const type = header.readUInt8(0);
    const length = header.readUInt32BE(2);
    if (KNOWN_TYPES.has(type) && length <= longest(type)) return HEADER_BYTES + length;
    this.#fail(`a PDU of type ${type} and ${length} bytes`);
    return null;
  }

  #cut(length: number): Buffer {
    const [first] = this.#parts;
    const whole = first && first.length >= length ? first : this.#merge();
    const rest = whole.subarray(length);
    this.#held -= length;
    this.#parts[0] = rest;
    if (rest.length === 0) this.#parts.shift();
    return whole.subarray(0, length);
  }

  #merge(): Buffer {
    const whole = Buffer.concat(this.#parts, this.#held);
    this.#parts = [whole];
    return whole;
  }
}

function longest(type: number): number {
  if (type === P_DATA_TF) return MAX_PDU_BYTES;
  return ASSOCIATE.has(type) ? MAX_ASSOCIATE_BYTES : SHORT_PDU_BYTES;
}
