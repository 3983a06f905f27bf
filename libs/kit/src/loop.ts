import type { Logger } from "./log.ts";
import { OutageLog } from "./outage.ts";

export interface LoopOptions {
  /** What it does, for the log. */
  readonly name: string;
  readonly logger: Logger;
  /** Pause after a pass that found nothing to do, unless woken. */
  readonly idleMs: number;
  /** One pass; true when there may be more to do at once. A rejection is logged once per outage. */
  readonly pass: () => Promise<boolean>;
}

export interface Loop {
  /** Begins the next pass now, or right after the one that runs. */
  wake(): void;
  /** Resolves once the pass that runs has ended. */
  close(): Promise<void>;
}

/** Pause after a pass that failed: what it leans on is down. */
const FAILED_MS = 1_000;

/** Runs `pass` again and again until closed: wake-ups make it quick, the idle pause makes it sure. */
export function startLoop(options: LoopOptions): Loop {
  const outage = new OutageLog(options.logger, options.name);
  let closing = false;
  let woken = false;
  let wakeUp: () => void = () => {};
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const passOnce = async (): Promise<number> => {
    try {
      const more = await options.pass();
      outage.worked();
      return more ? 0 : options.idleMs;
    } catch (error) {
      outage.failed(error);
      return FAILED_MS;
    }
  };
  const run = async (): Promise<void> => {
    while (!closing) {
      woken = false;
      const rest = await passOnce();
      if (!woken && !closing && rest > 0) await pause(rest);
    }
  };
  const running = run();
  const wake = (): void => {
    woken = true;
    wakeUp();
  };
  return {
    wake,
    close: async () => {
      closing = true;
      wake();
      await running;
    },
  };
}
