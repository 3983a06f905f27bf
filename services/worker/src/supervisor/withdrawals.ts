import type { WithdrawalList } from "@axial/kit";
import type { EngineKeeper } from "./engine-keeper.ts";

const LOOK_EVERY_MS = 1_000;
/** The newest withdrawals; more in the minute that they are kept are not worth the reading. */
const MAX_READ = 1_000;

export interface WithdrawalsOptions {
  readonly list: Pick<WithdrawalList, "newest">;
  readonly engine: Pick<EngineKeeper, "heldTasks" | "withdraw">;
}

/**
 * Looks whether something of what this worker has in hand was taken back: one question a second,
 * however many jobs there are, and none while it has no work. A look that fails is no matter: the
 * next one sees the same, and a result that nobody wants is dropped as stale.
 */
export class Withdrawals {
  readonly #options: WithdrawalsOptions;
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(options: WithdrawalsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      // The queue's own outage log tells of a queue that is down.
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
