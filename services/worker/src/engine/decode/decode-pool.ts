import { asAxialError } from "@axial/contracts";
import { ThreadLostError, ThreadPool } from "@axial/imaging";
import type { DecodeChunk, DecodeItem, DecodeSetup, Prepared } from "./messages.ts";

const THREAD = new URL("./decode-thread.ts", import.meta.url);
/** One slice at work and one chunk read ahead. */
const CHUNKS_PER_THREAD = 2;
/** The slowest legitimate frame measured, a 4096² lossless JPEG, takes about a second. */
const SLICE_DEADLINE_MS = 15_000;

interface DecodePoolOptions extends DecodeSetup {
  readonly threads: number;
}

/**
 * Threads that prepare slices into the arenas. A slice that hangs or kills its thread fails
 * alone: the thread is replaced, and the rest of its work is done again.
 */
export class DecodePool {
  readonly #pool: ThreadPool<DecodeChunk, readonly Prepared[]>;
  #closed = false;

  constructor({ threads, models, source }: DecodePoolOptions) {
    this.#pool = new ThreadPool(THREAD, {
      threads,
      timeoutMs: SLICE_DEADLINE_MS,
      perThread: CHUNKS_PER_THREAD,
      setup: { models, source } satisfies DecodeSetup,
      eager: true,
    });
  }

  /** True when some thread can take a chunk now. */
  get ready(): boolean {
    return this.#pool.ready;
  }

  /** Prepares a chunk; `done` gets one entry per item, and is not called after `close`. */
  submit(
    model: number,
    items: readonly DecodeItem[],
    done: (prepared: readonly Prepared[]) => void,
  ): void {
    void this.#prepare({ model, items }).then((prepared) => {
      if (!this.#closed) done(prepared);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
  }

  /** Never rejects. A chunk whose slice cost the thread is repeated without that slice. */
  async #prepare(chunk: DecodeChunk): Promise<readonly Prepared[]> {
    try {
      return await this.#pool.run(chunk);
    } catch (thrown) {
      const error = asAxialError(thrown);
      const failed = { failure: error.toJSON() };
      const culprit = error instanceof ThreadLostError ? error.step : null;
      if (culprit === null) return chunk.items.map(() => failed);
      const others = chunk.items.filter((_, index) => index !== culprit);
      const prepared = others.length === 0 ? [] : await this.#prepare({ ...chunk, items: others });
      return prepared.toSpliced(culprit, 0, failed);
    }
  }
}
