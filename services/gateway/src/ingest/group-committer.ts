interface Submission<Item, Outcome> {
  readonly items: readonly Item[];
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitterOptions {
  /** Items of one commit; a submission is never split, so one may exceed it. */
  readonly maxItems: number;
  /** Commits at the same time. Two: one writes its rows while the other's log is synced. */
  readonly concurrency: number;
  /** True for a failure that would hit each submission alone just the same. */
  readonly isCommon: (error: unknown) => boolean;
}

/**
 * Merges what many senders submit into few commits. A commit starts at once when none is running;
 * whatever comes meanwhile shares the next one, so that the groups grow with the load and an
 * idle system waits for nothing. When a merged commit fails, each of its submissions is tried
 * alone: nobody pays for somebody else's bad row.
 */
export class GroupCommitter<Item, Outcome> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly #options: GroupCommitterOptions;
  #waiting: Submission<Item, Outcome>[] = [];
  #running = 0;

  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Outcome[]>,
    options: GroupCommitterOptions,
  ) {
    this.#commit = commit;
    this.#options = options;
  }

  /** Outcomes of `items`, in their order, once they are committed. */
  submit(items: readonly Item[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#running >= this.#options.concurrency || this.#waiting.length === 0) return;
    this.#running += 1;
    void this.#run(this.#takeGroup()).finally(() => {
      this.#running -= 1;
      this.#startNext();
    });
  }

  #takeGroup(): Submission<Item, Outcome>[] {
    let items = 0;
    const end = this.#waiting.findIndex((submission, index) => {
      items += submission.items.length;
      return index > 0 && items > this.#options.maxItems;
    });
    const group = end === -1 ? this.#waiting : this.#waiting.slice(0, end);
    this.#waiting = end === -1 ? [] : this.#waiting.slice(end);
    return group;
  }

  async #run(group: readonly Submission<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#commit(group.flatMap((submission) => submission.items));
      let start = 0;
      for (const { items, resolve } of group) {
        resolve(outcomes.slice(start, start + items.length));
        start += items.length;
      }
    } catch (error) {
      if (group.length === 1 || this.#options.isCommon(error)) {
        for (const { reject } of group) reject(error);
      } else {
        for (const submission of group) await this.#run([submission]);
      }
    }
  }
}
