import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import { WakeUp } from "./wake-up.ts";

export interface LoopOptions {
  readonly name: string;
  /** Pause after a turn that found nothing to do. Wake-ups cut it short. */
  readonly idleMs: number;
  /** Least time from the beginning of a turn to that of the next: one turn serves what came meanwhile. */
  readonly spacingMs?: number;
  readonly logger: Logger;
}

/** Something that runs again and again until it is closed. */
export interface Loop {
  /** Ends the present pause: there may be something to do. */
  wake(): void;
  /** Resolves when the running turn is over. */
  close(): Promise<void>;
}

/** Pause after a failed turn: a database that is down is not asked in a tight circle. */
const AFTER_FAILURE_MS = 1_000;

/**
 * Runs `turn` again and again; it resolves with whether there may be more to do at once. A turn
 * that throws is logged once per outage and tried again.
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
