import type { Logger } from "../log.ts";
import { assertSmall } from "./assert-small.ts";
import type { Backend } from "./backend.ts";
import { consume } from "./consume.ts";
import type {
  ConsumeOptions,
  Consumer,
  JobPresence,
  Jobs,
  ListedJobs,
  NewJob,
  TakenJob,
  WaitingJob,
} from "./jobs.ts";
import type { QueueHandles } from "./queue-handles.ts";

/** BullMQ wants a name for every job; ours need none. */
const JOB = "job";

const WAITING_STATES = new Set(["waiting", "prioritized", "delayed", "waiting-children"]);

interface BullmqJobsOptions {
  readonly backend: Backend;
  readonly handles: QueueHandles;
  readonly logger: Logger;
}

/** Jobs on BullMQ's queues, over either backend. */
export class BullmqJobs implements Jobs {
  readonly #options: BullmqJobsOptions;
  readonly #consumers = new Set<Consumer>();

  constructor(options: BullmqJobsOptions) {
    this.#options = options;
  }

  async add(name: string, jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    for (const job of jobs) assertSmall(name, job);
    const entries = jobs.map(({ id, data, first = false }) => ({
      name: JOB,
      data,
      opts: { jobId: id, ...(first ? { lifo: true } : {}) },
    }));
    const { handles, backend } = this.#options;
    await handles.ask(name, async (queue) => {
      if (entries.length >= backend.bulkFrom) return queue.addBulk(entries);
      return Promise.all(entries.map((entry) => queue.add(entry.name, entry.data, entry.opts)));
    });
  }

  consume(
    queue: string,
    options: ConsumeOptions,
    handler: (job: TakenJob) => Promise<void>,
  ): Consumer {
    const { backend, logger } = this.#options;
    const waiting = async () => (await this.counts(queue)).waiting;
    const opened = consume({ backend, logger, queue, options, handler, waiting });
    const consumer: Consumer = {
      pause: () => opened.pause(),
      resume: () => opened.resume(),
      limit: (concurrency) => opened.limit(concurrency),
      close: async () => {
        this.#consumers.delete(consumer);
        await opened.close();
      },
    };
    this.#consumers.add(consumer);
    return consumer;
  }

  async counts(name: string): Promise<{ waiting: number; active: number }> {
    const { handles } = this.#options;
    const counts = await handles.ask(name, (queue) => queue.getJobCounts("wait", "active"));
    return { waiting: counts.wait ?? counts.waiting ?? 0, active: counts.active ?? 0 };
  }

  listed(name: string): Promise<ListedJobs> {
    return this.#options.handles.ask(name, async (queue) => {
      // Waiting first: a job that is taken in between is in one of the two.
      const waiting = new Set(await queue.getRanges(["wait"], 0, -1));
      return { waiting, active: new Set(await queue.getRanges(["active"], 0, -1)) };
    });
  }

  states(name: string, ids: readonly string[]): Promise<JobPresence[]> {
    return this.#options.handles.ask(name, (queue) =>
      Promise.all(ids.map(async (id) => presence(await queue.getJobState(id)))),
    );
  }

  async waitingSince(name: string, addedBefore: number, limit: number): Promise<WaitingJob[]> {
    const { handles } = this.#options;
    const jobs = await handles.ask(name, (queue) => queue.getJobs("wait", 0, limit - 1, true));
    return jobs
      .filter(({ timestamp }) => timestamp < addedBefore)
      .flatMap(({ id, data }) => (id === undefined ? [] : [{ id, data }]));
  }

  async remove(name: string, id: string): Promise<boolean> {
    const [state] = await this.states(name, [id]);
    if (state !== "waiting") return false;
    // BullMQ says 1 for a job that never was, so its presence is asked first.
    return (await this.#options.handles.ask(name, (queue) => queue.remove(id))) === 1;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
  }
}

function presence(state: string): JobPresence {
  if (state === "active") return "active";
  return WAITING_STATES.has(state) ? "waiting" : "missing";
}
