import type {
  DecodeCommand,
  PreparedFrame,
  PrepareRequest,
  PrepareTarget,
} from "./decode-messages.ts";
import { sampleBytes } from "./prepare-input.ts";
import { ThreadPool } from "./thread-pool.ts";

const SCRIPT = new URL("./decode-thread.ts", import.meta.url);

export interface DecodePoolOptions {
  readonly threads: number;
  /** A sample that takes longer is given up with `decode-timeout`, and its thread replaced. */
  readonly timeoutMs: number;
  /** Samples that may wait for a thread; beyond that `prepare` answers `too-busy`. */
  readonly maxWaiting?: number;
}

export interface PrepareOptions {
  /**
   * The bytes may leave the caller: they are moved to the thread instead of copied, where they
   * fill their buffer. Bytes in shared memory are never copied.
   */
  readonly give?: boolean;
}

/** Threads that make model input and can be killed: nothing that they decode is trusted. */
export interface DecodePool {
  /**
   * Decodes one frame and writes it into `target`, first come first served. Rejects with what is
   * wrong with the input, `decode-timeout`, `too-busy`, or `shutting-down` after `close`.
   */
  prepare(
    request: PrepareRequest,
    target: PrepareTarget,
    options?: PrepareOptions,
  ): Promise<PreparedFrame>;
  /** Samples that wait or are being made. */
  readonly pending: number;
  /** Stops every thread; what is unfinished is rejected with `shutting-down`. */
  close(): Promise<void>;
}

/** Opens a pool; threads start with the first samples. */
export function openDecodePool(options: DecodePoolOptions): DecodePool {
  const pool = new ThreadPool<DecodeCommand, PreparedFrame>(SCRIPT, options);
  return {
    get pending() {
      return pool.pending;
    },
    prepare: async (request, target, { give = false } = {}) => {
      const { buffer, offset } = target;
      const fits = offset >= 0 && offset + sampleBytes(request.input) <= buffer.byteLength;
      if (!fits) throw new RangeError("the sample does not fit into the target");
      return pool.run({ ...request, ...target }, give ? ownBuffer(request.bytes) : []);
    },
    close: () => pool.close(),
  };
}

/** Only bytes that fill a buffer of their own can move; Node keeps small files in shared slabs. */
function ownBuffer({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  const owns = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return owns ? [buffer] : [];
}
