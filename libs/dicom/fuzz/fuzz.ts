import { Worker } from "node:worker_threads";

/** What a thread gets: the mutants first, first + step … below end. */
export interface FuzzTask {
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly seed: number;
  readonly shared: boolean;
  readonly progress: SharedArrayBuffer;
}

interface Finding {
  readonly index: number;
  readonly source: string;
  readonly what: string;
}

export type FuzzMessage =
  | ({ readonly kind: "finding" } & Finding)
  /** The seeds are loaded: from here on a mutant in hand is timed. */
  | { readonly kind: "begun" }
  | { readonly kind: "tally"; readonly tally: readonly (readonly [string, number])[] }
  | { readonly kind: "end" };

interface FuzzOptions {
  readonly mutants: number;
  readonly seed: number;
  readonly threads: number;
  /** First mutant, to see a single one again. */
  readonly first?: number;
  /** Also the small files of ../shared, where they are. */
  readonly shared: boolean;
  readonly onProgress?: (done: number) => void;
}

interface FuzzReport {
  readonly findings: readonly Finding[];
  readonly tally: Readonly<Record<string, number>>;
}

/** A mutant that is in hand for longer hangs, also on a machine that much else runs on. */
const HANG_MS = 30_000;
/** Loading the reader and the seeds. */
const START_MS = 300_000;
const POLL_MS = 500;

/** Examines mutants in threads that are stopped and replaced where one hangs or dies. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const findings: Finding[] = [];
  const tally: Record<string, number> = {};
  const shares = Array.from({ length: options.threads }, (_, thread) =>
    runShare({ ...options, first: (options.first ?? 0) + thread }, { findings, tally }),
  );
  await Promise.all(shares);
  return { findings, tally };
}

interface Results {
  readonly findings: Finding[];
  readonly tally: Record<string, number>;
}

async function runShare(options: FuzzOptions & { first: number }, results: Results): Promise<void> {
  const end = (options.first ?? 0) - (options.first % options.threads) + options.mutants;
  let first = options.first;
  while (first < end) {
    const died = await runThread({ ...options, first }, end, results);
    if (died === null) return;
    results.findings.push(died);
    first = died.index + options.threads;
  }
}

/** Null when the share is done; else the mutant that hung or killed the thread. */
function runThread(
  options: FuzzOptions & { first: number },
  end: number,
  results: Results,
): Promise<Finding | null> {
  const { first, threads: step, seed, shared } = options;
  const progress = new SharedArrayBuffer(4);
  const current = new Int32Array(progress);
  current[0] = first;
  const task: FuzzTask = { first, end, step, seed, shared, progress };
  const thread = new Worker(new URL("./fuzz-thread.ts", import.meta.url), { workerData: task });
  const { promise, resolve } = Promise.withResolvers<Finding | null>();
  const watch = new ProgressWatch(current, options, () => finish("hang"));
  const finish = (what: string | null) => {
    watch.close();
    resolve(what === null ? null : { index: Atomics.load(current, 0), source: "?", what });
    void thread.terminate();
  };
  thread.on("message", (message: FuzzMessage) => {
    if (message.kind === "finding") results.findings.push(message);
    else if (message.kind === "begun") watch.begin();
    else if (message.kind === "tally") count(message.tally, results);
    else finish(null);
  });
  thread.on("error", (cause: Error) => finish(cause.stack ?? cause.message));
  return promise;
}

function count(tally: readonly (readonly [string, number])[], { tally: all }: Results): void {
  for (const [ending, times] of tally) all[ending] = (all[ending] ?? 0) + times;
}

/** Says when a thread does not start, or stays at one mutant. */
class ProgressWatch {
  readonly #timer: NodeJS.Timeout;
  #limitMs = START_MS;
  #since = Date.now();

  constructor(current: Int32Array, { onProgress }: FuzzOptions, hangs: () => void) {
    let seen = Atomics.load(current, 0);
    this.#timer = setInterval(() => {
      const now = Atomics.load(current, 0);
      onProgress?.(now);
      if (now !== seen) {
        seen = now;
        this.#since = Date.now();
      } else if (Date.now() - this.#since > this.#limitMs) hangs();
    }, POLL_MS);
  }

  begin(): void {
    this.#limitMs = HANG_MS;
    this.#since = Date.now();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
