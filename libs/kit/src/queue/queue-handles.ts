import type { OutageLog } from "../outage.ts";
import { answered } from "./answered.ts";
import type { Backend, BackendQueue } from "./backend.ts";
import { areTablesLost } from "./lost-tables.ts";

/** BullMQ's queue objects by name: opened when first asked, replaced when they are of no use. */
export class QueueHandles {
  readonly #backend: Backend;
  readonly #outage: OutageLog;
  readonly #queues = new Map<string, BackendQueue>();

  constructor(backend: Backend, outage: OutageLog) {
    this.#backend = backend;
    this.#outage = outage;
  }

  /** What `ask` resolves with, or a rejection within seconds when the queue does not answer. */
  async ask<T>(name: string, ask: (queue: BackendQueue) => Promise<T>): Promise<T> {
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

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  /** The next caller opens a new one. */
  #forget(name: string, queue: BackendQueue): void {
    if (this.#queues.get(name) !== queue) return;
    this.#queues.delete(name);
    queue.close().catch((error: unknown) => this.#outage.failed(error));
  }

  #queue(name: string): BackendQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#backend.queue(name);
    queue.on("error", (error) => this.#outage.failed(error));
    this.#queues.set(name, queue);
    return queue;
  }
}
