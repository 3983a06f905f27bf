import { AxialError } from "@axial/contracts";
import { ThreadPool, type ThreadPoolOptions } from "./thread-pool.ts";

export interface TenantThreadOptions extends Pick<ThreadPoolOptions, "threads" | "timeoutMs"> {
  /** Commands of one tenant that may wait; beyond that `run` rejects with `too-busy`. */
  readonly maxWaitingEach: number;
}

/** A command whose turn has not come: it holds no copy of its bytes before. */
interface Waiting {
  run(): Promise<void>;
  reject(error: unknown): void;
}

/**
 * Threads that serve tenants in turns: one command for each that waits, so that a tenant's thousand
 * commands delay another's by one.
 */
export class TenantThreads<Command, Result> {
  readonly #pool: ThreadPool<Command, Result>;
  readonly #options: TenantThreadOptions;
  /** In the order of turns; a tenant that was served goes to the end. */
  readonly #waiting = new Map<string, Waiting[]>();
  #running = 0;
  #closed = false;

  constructor(script: URL, options: TenantThreadOptions) {
    const { threads, timeoutMs } = options;
    this.#pool = new ThreadPool(script, { threads, timeoutMs });
    this.#options = options;
  }

  /** Runs one command of a tenant. Rejects with what `command` or `ThreadPool` rejects with. */
  run(tenant: string, command: () => Command | Promise<Command>): Promise<Result> {
    return this.runAndUse(tenant, command, async (result) => result);
  }

  /**
   * As `run`, but the turn lasts until `use` has done with the result: no more results than there
   * are threads are in memory, however many tenants wait.
   */
  runAndUse<Used>(
    tenant: string,
    command: () => Command | Promise<Command>,
    use: (result: Result) => Promise<Used>,
  ): Promise<Used> {
    const own = this.#waiting.get(tenant) ?? [];
    const refusal = this.#refusal(own.length);
    if (refusal) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<Used>();
    const run = async () => resolve(await use(await this.#pool.run(await command())));
    own.push({ run, reject });
    this.#waiting.set(tenant, own);
    this.#start();
    return promise;
  }

  /** Stops every thread; what is unfinished is rejected with `shutting-down`. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = new AxialError("shutting-down");
    for (const { reject } of [...this.#waiting.values()].flat()) reject(stopped);
    this.#waiting.clear();
    await this.#pool.close();
  }

  #refusal(waiting: number): AxialError | null {
    if (this.#closed) return new AxialError("shutting-down");
    if (waiting < this.#options.maxWaitingEach) return null;
    return new AxialError("too-busy", { detail: `${waiting} commands of the tenant wait` });
  }

  #start(): void {
    while (!this.#closed && this.#running < this.#options.threads) {
      const next = this.#takeNext();
      if (next === undefined) return;
      void this.#run(next);
    }
  }

  #takeNext(): Waiting | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    const [tenant, own] = next;
    const first = own.shift();
    this.#waiting.delete(tenant);
    if (own.length > 0) this.#waiting.set(tenant, own);
    return first;
  }

  async #run({ run, reject }: Waiting): Promise<void> {
    this.#running += 1;
    try {
      await run();
    } catch (error) {
      reject(error);
    } finally {
      this.#running -= 1;
      this.#start();
    }
  }
}
