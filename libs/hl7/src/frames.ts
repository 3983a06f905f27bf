/** Bytes that frame a message (MLLP release 1): before it, and the two behind it. */
const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);

/** A message as it goes over the connection. */
export function frame(message: string): Buffer {
  return Buffer.concat([Buffer.of(START), Buffer.from(message, "utf8"), END]);
}

/**
 * Cuts a stream of bytes into messages. Bytes outside a frame are passed over, as the protocol has
 * it; a message longer than `maxBytes` throws a RangeError.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes bytes and returns the messages that they complete. */
  push(chunk: Buffer): string[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const messages: string[] = [];
    for (;;) {
      const start = this.#held.indexOf(START);
      if (start === -1) {
        this.#held = Buffer.alloc(0);
        return messages;
      }
      const end = this.#held.indexOf(END, start);
      if (end === -1) {
        this.#held = this.#held.subarray(start);
        if (this.#held.length > this.#maxBytes) throw new RangeError("the message is too long");
        return messages;
      }
      if (end - start > this.#maxBytes) throw new RangeError("the message is too long");
      messages.push(this.#held.subarray(start + 1, end).toString("utf8"));
      this.#held = this.#held.subarray(end + END.length);
    }
  }
}
