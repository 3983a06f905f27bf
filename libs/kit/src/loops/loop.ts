import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import { WakeUp } from "./wake-up.ts";

interface LoopOptions {
  readonly name: string;
  /** Pause after an idle turn. Wake-ups cut it short. */
  readonly idleMs: number;
  /** Least time between the starts of two turns: one turn serves everything that came meanwhile. */
  readonly spacingMs?: number;
  readonly logger: Logger;
}

/** A task that runs repeatedly until it is closed. */
export interface Loop {
  /** Ends the current pause: there may be work. */
  wake(): void;
  /** Stops the loop. Resolves when the running turn is over. */
  close(): Promise<void>;
}

/** Pause after a failed turn, so that a database that is down is not queried in a tight loop. */
const AFTER_FAILURE_MS = 1_000;

/**
 * Runs `turn` repeatedly; it resolves with true when there may be more work at once. A turn that
 * throws is logged once per outage and retried.
 */
export function startLoop(options: LoopOptions, turn: () => Promise<boolean>): Loop {
  const outage = new OutageLog(options.logger, options.name);
  const wakeUp = new WakeUp();
  let closed = false;
  const run = async () => {
    while (!closed) {
      wakeUp.clear();
      const next = performance.now() + (options.spacingMs ?? 0);
      const more = await turn().catch((error: unknown) => outage.failed(error));
      if (more !== undefined) outage.worked();
      if (more === undefined) await wakeUp.wait(AFTER_FAILURE_MS);
      else if (!more) await wakeUp.wait(options.idleMs);
      const early = next - performance.now();
      if (early > 0 && !closed) await delay(early);
    }
  };
  const ended = run();
  return {
    wake: () => wakeUp.wake(),
    close: () => {
      closed = true;
      wakeUp.wake();
      return ended;
    },
  };
}
