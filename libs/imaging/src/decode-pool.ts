import { AxialError } from "@axial/contracts";
import type {
  DecodeCommand,
  PreparedFrame,
  PrepareRequest,
  PrepareTarget,
} from "./decode-messages.ts";
import { DecodeWorker } from "./decode-worker.ts";
import { sampleBytes } from "./prepare-input.ts";

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

const DEFAULT_MAX_WAITING = 4_096;

/** Opens a pool; threads start with the first samples. */
export function openDecodePool(options: DecodePoolOptions): DecodePool {
  return new ThreadPool(options);
}

interface Job {
  readonly command: DecodeCommand;
  readonly give: boolean;
  readonly resolve: (frame: PreparedFrame) => void;
  readonly reject: (error: unknown) => void;
}

class ThreadPool implements DecodePool {
  readonly #options: DecodePoolOptions;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  readonly #workers = new Set<DecodeWorker>();
  readonly #idle: DecodeWorker[] = [];
  #closed = false;

  constructor(options: DecodePoolOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#waiting.length + this.#running.size;
  }

  prepare(
    request: PrepareRequest,
    target: PrepareTarget,
    options: PrepareOptions = {},
  ): Promise<PreparedFrame> {
    const refusal = this.#refusal(request, target);
    if (refusal) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<PreparedFrame>();
    const command = { ...request, ...target };
    this.#waiting.push({ command, give: options.give ?? false, resolve, reject });
    this.#start();
    return promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const stopped = new AxialError("shutting-down");
    for (const job of [...this.#waiting.splice(0), ...this.#running]) job.reject(stopped);
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    this.#workers.clear();
  }

  #refusal({ input }: PrepareRequest, { buffer, offset }: PrepareTarget): Error | null {
    if (this.#closed) return new AxialError("shutting-down");
    if (this.#waiting.length >= (this.#options.maxWaiting ?? DEFAULT_MAX_WAITING)) {
      return new AxialError("too-busy", { detail: `${this.#waiting.length} samples wait` });
    }
    const fits = offset >= 0 && offset + sampleBytes(input) <= buffer.byteLength;
    return fits ? null : new RangeError("the sample does not fit into the target");
  }

  #start(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#takeWorker();
      const job = worker && this.#waiting.shift();
      if (!worker || !job) return;
      void this.#run(worker, job);
    }
  }

  #takeWorker(): DecodeWorker | null {
    const idle = this.#idle.pop();
    if (idle?.alive) return idle;
    if (idle) {
      this.#workers.delete(idle);
      return this.#takeWorker();
    }
    if (this.#workers.size >= this.#options.threads) return null;
    const worker = new DecodeWorker(this.#options.timeoutMs);
    this.#workers.add(worker);
    return worker;
  }

  async #run(worker: DecodeWorker, job: Job): Promise<void> {
    this.#running.add(job);
    try {
      job.resolve(await worker.run(job.command, transferable(job)));
    } catch (error) {
      job.reject(error);
    } finally {
      this.#running.delete(job);
      if (worker.alive) this.#idle.push(worker);
      else this.#workers.delete(worker);
      if (!this.#closed) this.#start();
    }
  }
}

/** Only bytes that fill a buffer of their own can move; Node keeps small files in shared slabs. */
function transferable({ give, command: { bytes } }: Job): ArrayBuffer[] {
  const { buffer } = bytes;
  const owns = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return give && owns ? [buffer] : [];
}
