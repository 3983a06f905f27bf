import { setTimeout as delay } from "node:timers/promises";

export interface GroupCommitOptions {
  /** Items of one group; a submission is never split, so one may exceed it. */
  readonly maxItems: number;
  /** Groups that are written at the same time; 1 by default. */
  readonly concurrency?: number;
  /** Milliseconds from the start of one group to that of the next, if nothing is urgent; 0 by default. */
  readonly paceMs?: number;
  /** So many waiting submissions are a group that is worth its cost, whatever the pace. */
  readonly worthwhile?: number;
  /** False for a failure that may be one submission's own: each is then tried alone. */
  readonly isCommon?: (error: unknown) => boolean;
}

interface Submission<Item, Outcome> {
  readonly items: readonly Item[];
  readonly settled: PromiseWithResolvers<readonly Outcome[]>;
}

/** Writes a group; resolves with an outcome for each item, or with nothing. */
type Write<Item, Outcome> = (items: readonly Item[]) => Promise<readonly Outcome[]> | Promise<void>;

/**
 * Group commit: what comes in one turn of the event loop, and what comes while the last group is
 * written, is written together, so that a slow database gets larger groups and an idle one is not
 * waited for. With a pace, the first submission after a quiet time is written at once and a
 * steady trickle keeps the pace, because a group of one costs as much as one of many; an urgent
 * submission goes first, at once, and takes along what waits.
 */
export class GroupCommit<Item, Outcome = void> {
  readonly #write: Write<Item, Outcome>;
  readonly #options: Required<GroupCommitOptions>;
  readonly #running = new Set<Promise<void>>();
  #waiting: Submission<Item, Outcome>[] = [];
  /** How many of those that wait are urgent: they are at the front. */
  #urgent = 0;
  #hurry: (() => void) | undefined;
  #gathering: Promise<void> | undefined;
  #begun = Number.NEGATIVE_INFINITY;

  constructor(options: GroupCommitOptions, write: Write<Item, Outcome>) {
    this.#write = write;
    this.#options = {
      concurrency: 1,
      paceMs: 0,
      worthwhile: Number.POSITIVE_INFINITY,
      isCommon: () => true,
      ...options,
    };
  }

  /** Resolves with the outcome of each of `items`, in their order, once they are written. */
  submit(items: readonly Item[], { urgent = false } = {}): Promise<readonly Outcome[]> {
    const submission = { items, settled: Promise.withResolvers<readonly Outcome[]>() };
    if (urgent) this.#waiting.splice(this.#urgent++, 0, submission);
    else this.#waiting.push(submission);
    if (this.#isWorthwhile) this.#hurry?.();
    this.#startNext();
    return submission.settled.promise;
  }

  /** Resolves once everything that was submitted has been written, or has failed. */
  async idle(): Promise<void> {
    while (this.#gathering !== undefined || this.#running.size > 0) {
      await Promise.all([this.#gathering, ...this.#running]);
    }
  }

  get #isWorthwhile(): boolean {
    return this.#urgent > 0 || this.#waiting.length >= this.#options.worthwhile;
  }

  #startNext(): void {
    const free = this.#running.size < this.#options.concurrency;
    if (this.#gathering !== undefined || !free || this.#waiting.length === 0) return;
    this.#gathering = this.#untilDue().then(() => {
      this.#gathering = undefined;
      this.#begun = performance.now();
      const running = this.#settle(this.#takeGroup()).then(() => {
        this.#running.delete(running);
        this.#startNext();
      });
      this.#running.add(running);
      this.#startNext();
    });
  }

  async #untilDue(): Promise<void> {
    const left = this.#begun + this.#options.paceMs - performance.now();
    if (left > 0 && !this.#isWorthwhile) {
      const stop = new AbortController();
      this.#hurry = () => stop.abort();
      await delay(left, undefined, { signal: stop.signal }).catch(() => {});
      this.#hurry = undefined;
    }
    // One turn of the event loop: what comes with the first is in its group.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #takeGroup(): Submission<Item, Outcome>[] {
    let items = 0;
    const end = this.#waiting.findIndex((submission, index) => {
      items += submission.items.length;
      return index > 0 && items > this.#options.maxItems;
    });
    const group = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    this.#urgent = Math.max(0, this.#urgent - group.length);
    return group;
  }

  async #settle(group: readonly Submission<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = (await this.#write(group.flatMap(({ items }) => items))) ?? [];
      let start = 0;
      for (const { items, settled } of group) {
        settled.resolve(outcomes.slice(start, start + items.length));
        start += items.length;
      }
    } catch (error) {
      if (group.length === 1 || this.#options.isCommon(error)) {
        for (const { settled } of group) settled.reject(error);
      } else {
        for (const submission of group) await this.#settle([submission]);
      }
    }
  }
}
