import { Writable } from "node:stream";
import { MAX_BUFFERED_BYTES } from "../limits.ts";

interface Flow {
  /** The reader is behind: nothing more is to be received. */
  pause(): void;
  resume(): void;
}

/**
 * The data set of one C-STORE on its way from the network to its reader. `write` never asks its
 * writer to wait, which the library would answer by mixing up PDUs; the connection is paused
 * instead. The iterator rejects when the association is lost before the data set is whole.
 */
export class DatasetStream extends Writable {
  readonly #flow: Flow;
  readonly #first: Buffer;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #ended = false;
  /** The connection is paused because of this stream, not of something else. */
  #isBehind = false;
  #wake: (() => void) | null = null;

  /** `first` is what the reader sees before the data set: its file meta information. */
  constructor(first: Buffer, flow: Flow) {
    super({ decodeStrings: false });
    this.#first = first;
    this.#flow = flow;
  }

  override write(chunk: Buffer): boolean {
    super.write(chunk);
    return true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered > MAX_BUFFERED_BYTES) {
      this.#isBehind = true;
      this.#flow.pause();
    }
    this.#wake?.();
    done();
  }

  override _final(done: () => void): void {
    this.#ended = true;
    this.#wake?.();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wake?.();
    done(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    yield this.#first;
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#buffered = 0;
      this.#catchUp();
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#ended) return;
      if (this.destroyed) throw new Error("the association ended within a data set");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  #catchUp(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#flow.resume();
  }
}
