import { AxialError, MAX_JOB_PAYLOAD_BYTES } from "@axial/contracts";
import type { Queue } from "bullmq";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import { answered } from "./answered.ts";
import type { Backend } from "./backend.ts";
import { consume } from "./consume.ts";
import { areTablesLost } from "./lost-tables.ts";
import { openBackend } from "./open-backend.ts";
import type {
  ConsumeOptions,
  Consumer,
  JobPresence,
  ListedJobs,
  Message,
  NewJob,
  Queues,
  Reading,
  ReadOptions,
  TakenJob,
  WaitingJob,
} from "./queues.ts";
import { StreamReading } from "./read-stream.ts";

/** Old jobs that one call removes; the rest go with the next. */
const REMOVED_AT_ONCE = 10_000;

const WAITING_STATES = new Set(["waiting", "prioritized", "delayed", "waiting-children"]);

/** The queues behind `url` (redis://… or postgres://…); connects when first used. */
export function openQueues(url: string, options: { logger: Logger }): Queues {
  return new BullmqQueues(openBackend(url), options.logger);
}

class BullmqQueues implements Queues {
  readonly #backend: Backend;
  readonly #logger: Logger;
  readonly #outage: OutageLog;
  readonly #queues = new Map<string, Queue>();
  /** Consumers and readings: what is closed before the backend. */
  readonly #open = new Set<Reading>();

  constructor(backend: Backend, logger: Logger) {
    this.#backend = backend;
    this.#logger = logger;
    this.#outage = new OutageLog(logger, "queue");
  }

  async add(name: string, jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    for (const job of jobs) assertSmall(name, job);
    const entries = jobs.map(({ id, data, first = false }) => ({
      name: "job",
      data,
      opts: { jobId: id, ...(first ? { lifo: true } : {}) },
    }));
    await this.#ask(name, async (queue) => {
      if (entries.length >= this.#backend.bulkFrom) return queue.addBulk(entries);
      return Promise.all(entries.map((entry) => queue.add(entry.name, entry.data, entry.opts)));
    });
  }

  consume(
    queue: string,
    options: ConsumeOptions,
    handler: (job: TakenJob) => Promise<void>,
  ): Consumer {
    const opened = consume({
      backend: this.#backend,
      logger: this.#logger,
      queue,
      options,
      handler,
    });
    const consumer: Consumer = {
      pause: () => opened.pause(),
      resume: () => opened.resume(),
      close: async () => {
        this.#open.delete(consumer);
        await opened.close();
      },
    };
    this.#open.add(consumer);
    return consumer;
  }

  async counts(name: string): Promise<{ waiting: number; active: number }> {
    const counts = await this.#ask(name, (queue) => queue.getJobCounts("wait", "active"));
    return { waiting: counts.wait ?? counts.waiting ?? 0, active: counts.active ?? 0 };
  }

  listed(name: string): Promise<ListedJobs> {
    return this.#ask(name, async (queue) => {
      // Waiting first: a job that is taken in between is in one of the two.
      const waiting = new Set(await queue.getRanges(["wait"], 0, -1));
      return { waiting, active: new Set(await queue.getRanges(["active"], 0, -1)) };
    });
  }

  states(name: string, ids: readonly string[]): Promise<JobPresence[]> {
    return this.#ask(name, (queue) =>
      Promise.all(ids.map(async (id) => presence(await queue.getJobState(id)))),
    );
  }

  async waitingSince(name: string, addedBefore: number, limit: number): Promise<WaitingJob[]> {
    const jobs = await this.#ask(name, (queue) => queue.getJobs("wait", 0, limit - 1, true));
    return jobs
      .filter(({ timestamp }) => timestamp < addedBefore)
      .flatMap(({ id, data }) => (id === undefined ? [] : [{ id, data }]));
  }

  waitingIds(name: string, limit: number): Promise<string[]> {
    return this.#ask(name, (queue) => queue.getRanges(["wait"], 0, limit - 1));
  }

  async remove(name: string, id: string): Promise<boolean> {
    const [state] = await this.states(name, [id]);
    // BullMQ says 1 for a job that never was, so its presence is asked first.
    return state === "waiting" && (await this.#ask(name, (queue) => queue.remove(id))) === 1;
  }

  async removeWaiting(name: string, addedBefore: number): Promise<void> {
    const age = Date.now() - addedBefore;
    await this.#ask(name, (queue) => queue.clean(age, REMOVED_AT_ONCE, "wait"));
  }

  async append(stream: string, messages: readonly NewJob[]): Promise<void> {
    if (messages.length === 0) return;
    for (const message of messages) assertSmall(stream, message);
    await answered(this.#backend.streams.append(stream, messages));
  }

  read(
    stream: string,
    options: ReadOptions,
    handler: (message: Message) => Promise<void>,
  ): Reading {
    const reader = this.#backend.streams.reader(stream);
    const logger = this.#logger.child({ stream });
    const opened = new StreamReading({ reader, logger, options, handler });
    const reading: Reading = {
      close: async () => {
        this.#open.delete(reading);
        await opened.close();
      },
    };
    this.#open.add(reading);
    return reading;
  }

  unsettled(stream: string): Promise<ReadonlySet<string>> {
    return answered(this.#backend.streams.unsettled(stream));
  }

  ping(): Promise<void> {
    return answered(this.#backend.streams.ping());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((open) => open.close()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await this.#backend.close();
  }

  async #ask<T>(name: string, ask: (queue: Queue) => Promise<T>): Promise<T> {
    const queue = this.#queue(name);
    try {
      return await answered(ask(queue));
    } catch (error) {
      if (areTablesLost(error)) this.#forget(name, queue);
      // One whose first connection failed never tries another.
      else queue.waitUntilReady().catch(() => this.#forget(name, queue));
      throw error;
    }
  }

  /** The next caller opens a new one. */
  #forget(name: string, queue: Queue): void {
    if (this.#queues.get(name) !== queue) return;
    this.#queues.delete(name);
    queue.close().catch((error: unknown) => this.#outage.failed(error));
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#backend.queue(name);
    queue.on("error", (error) => this.#outage.failed(error));
    this.#queues.set(name, queue);
    return queue;
  }
}

function presence(state: string): JobPresence {
  if (state === "active") return "active";
  return WAITING_STATES.has(state) ? "waiting" : "missing";
}

function assertSmall(queue: string, job: NewJob): void {
  const bytes = Buffer.byteLength(JSON.stringify(job.data));
  if (bytes > MAX_JOB_PAYLOAD_BYTES) {
    throw new AxialError("limit-exceeded", {
      detail: `a ${queue} payload of ${bytes} bytes; the limit is ${MAX_JOB_PAYLOAD_BYTES}`,
    });
  }
}
