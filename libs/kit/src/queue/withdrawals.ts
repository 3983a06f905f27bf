import type { Jobs } from "./jobs.ts";
import type { QueueHandles } from "./queue-handles.ts";

/** Its jobs are never taken: workers read their ids. */
const QUEUE = "withdrawn";
/** Old entries that one call removes at most. */
const REMOVED_AT_ONCE = 10_000;

/**
 * The ids of jobs whose tasks were cancelled while workers may hold them: written by the gateway,
 * read by workers, deleted after a while.
 */
export interface WithdrawalList {
  add(ids: readonly string[]): Promise<void>;
  /** The newest ids, up to `limit`. */
  newest(limit: number): Promise<string[]>;
  /** Deletes entries older than `before` (epoch milliseconds). */
  forget(before: number): Promise<void>;
}

/** The list as a BullMQ queue without a consumer, on either backend. */
export class BullmqWithdrawals implements WithdrawalList {
  readonly #handles: QueueHandles;
  readonly #jobs: Pick<Jobs, "add">;

  constructor(handles: QueueHandles, jobs: Pick<Jobs, "add">) {
    this.#handles = handles;
    this.#jobs = jobs;
  }

  add(ids: readonly string[]): Promise<void> {
    return this.#jobs.add(
      QUEUE,
      ids.map((id) => ({ id, data: {} })),
    );
  }

  newest(limit: number): Promise<string[]> {
    return this.#handles.ask(QUEUE, (queue) => queue.getRanges(["wait"], 0, limit - 1));
  }

  async forget(before: number): Promise<void> {
    const age = Date.now() - before;
    await this.#handles.ask(QUEUE, (queue) => queue.clean(age, REMOVED_AT_ONCE, "wait"));
  }
}
