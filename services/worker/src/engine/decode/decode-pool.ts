import { Worker } from "node:worker_threads";
import { AxialError } from "@axial/contracts";
import type { InstalledModel } from "../installed-models.ts";
import {
  type DecodeChunk,
  type DecodedChunk,
  type DecodeItem,
  type DecodeThreadData,
  IDLE,
  PROGRESS,
  type Prepared,
} from "./messages.ts";
import type { SourceConfig } from "./source.ts";

const THREAD = new URL("./decode-thread.ts", import.meta.url);
/** One slice at work and one chunk read ahead. */
const CHUNKS_PER_THREAD = 2;
/** The slowest legitimate frame measured, a 4096² lossless JPEG, takes about a second. */
const SLICE_DEADLINE_MS = 15_000;
const WATCH_EVERY_MS = 1_000;
/** A decompression bomb ends its thread, not the engine. */
const THREAD_HEAP_MB = 512;

interface DecodePoolOptions {
  readonly threads: number;
  readonly models: readonly InstalledModel[];
  readonly source: SourceConfig;
}

type Done = (prepared: readonly Prepared[]) => void;

interface Job {
  readonly chunk: DecodeChunk;
  readonly done: Done;
}

/** A thread, its chunks in order, and since when it has worked on its current slice. */
interface Member {
  readonly worker: Worker;
  readonly progress: Int32Array;
  readonly jobs: Map<number, Job>;
  at: string;
  since: number;
  replaced: boolean;
}

/**
 * Threads that prepare slices into the arenas. A slice that hangs or kills its thread fails
 * alone: the thread is replaced, and the rest of its work is done again.
 */
export class DecodePool {
  readonly #options: DecodePoolOptions;
  readonly #members: Member[];
  readonly #watch: NodeJS.Timeout;
  #nextId = 0;
  #closed = false;

  constructor(options: DecodePoolOptions) {
    this.#options = options;
    this.#members = Array.from({ length: options.threads }, () => this.#open());
    this.#watch = setInterval(() => this.#stopHanging(), WATCH_EVERY_MS);
  }

  /** True when some thread can take a chunk now. */
  get ready(): boolean {
    return this.#members.some((member) => member.jobs.size < CHUNKS_PER_THREAD);
  }

  /** Prepares a chunk on the thread that has least to do; `done` gets one entry per item. */
  submit(model: number, items: readonly DecodeItem[], done: Done): void {
    this.#give({ chunk: { id: this.#nextId++, model, items }, done });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await Promise.all(this.#members.map((member) => member.worker.terminate()));
  }

  #give(job: Job): void {
    const member = this.#members.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a));
    if (member.jobs.size === 0) member.since = performance.now();
    member.jobs.set(job.chunk.id, job);
    member.worker.postMessage(job.chunk);
  }

  #open(): Member {
    const progress = new Int32Array(new SharedArrayBuffer(8)).fill(IDLE);
    const { models, source } = this.#options;
    const worker = new Worker(THREAD, {
      workerData: { models, source, progress } satisfies DecodeThreadData,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    const member: Member = {
      worker,
      progress,
      jobs: new Map(),
      at: "",
      since: performance.now(),
      replaced: false,
    };
    worker.on("message", ({ id, prepared }: DecodedChunk) => {
      const job = member.jobs.get(id);
      member.jobs.delete(id);
      job?.done(prepared);
    });
    worker.on("error", () => this.#replace(member, new AxialError("undecodable")));
    return member;
  }

  #stopHanging(): void {
    const now = performance.now();
    for (const member of [...this.#members]) {
      const at = member.progress.join();
      if (at !== member.at || member.jobs.size === 0) {
        member.at = at;
        member.since = now;
      } else if (now - member.since > SLICE_DEADLINE_MS) {
        const detail = `limit: ${SLICE_DEADLINE_MS} ms`;
        this.#replace(member, new AxialError("decode-timeout", { detail }));
      }
    }
  }

  /** Puts a new thread in the place of `member`, fails its present slice and redoes the rest. */
  #replace(member: Member, error: AxialError): void {
    if (this.#closed || member.replaced) return;
    member.replaced = true;
    this.#members[this.#members.indexOf(member)] = this.#open();
    void member.worker.terminate();
    const [chunkId, index] = [member.progress[PROGRESS.chunk], member.progress[PROGRESS.item]];
    for (const job of member.jobs.values()) {
      const culprit = job.chunk.id === chunkId ? (index ?? IDLE) : IDLE;
      this.#redo(job, culprit, error);
    }
  }

  /** Repeats the chunk without the offending slice, whose place gets `error`. */
  #redo({ chunk, done }: Job, culprit: number, error: AxialError): void {
    const others = chunk.items.filter((_, index) => index !== culprit);
    if (others.length === 0) {
      done([{ failure: error.toJSON() }]);
      return;
    }
    this.submit(chunk.model, others, (prepared) => {
      const all = [...prepared];
      if (culprit !== IDLE) all.splice(culprit, 0, { failure: error.toJSON() });
      done(all);
    });
  }
}
