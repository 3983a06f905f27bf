import type { WithdrawalList } from "@axial/kit";
import type { EngineKeeper } from "./engine-keeper.ts";

const LOOK_EVERY_MS = 1_000;
/** The newest withdrawals; reading more than this in a minute is not worth it. */
const MAX_READ = 1_000;

interface WithdrawalsOptions {
  readonly list: Pick<WithdrawalList, "newest">;
  readonly engine: Pick<EngineKeeper, "heldTasks" | "withdraw">;
}

/**
 * Checks whether a job that this worker holds was withdrawn: one query a second, however many jobs
 * there are, and none while it has no work. A failed check does no harm: the next one sees the
 * same, and an unwanted result is dropped as stale.
 */
export class Withdrawals {
  readonly #options: WithdrawalsOptions;
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(options: WithdrawalsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      // The queue's own outage log reports a queue that is down.
      this.look().catch(() => {});
    }, LOOK_EVERY_MS);
  }

  async look(): Promise<void> {
    const { list, engine } = this.#options;
    if (this.#looking || engine.heldTasks === 0) return;
    this.#looking = true;
    try {
      for (const id of await list.newest(MAX_READ)) engine.withdraw(id);
    } finally {
      this.#looking = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
