import { setTimeout as delay } from "node:timers/promises";
import { type Logger, OutageLog } from "@axial/kit";
import { takeTurn } from "@axial/store/retention";
import { SWEEPS, type SweepDependencies } from "./sweeps.ts";

/** How soon after it is due a sweep begins. */
const POLL_MS = 5_000;

interface Sweeper {
  close(): Promise<void>;
}

/**
 * Sweeps what retention releases, until closed. Any number may run: each sweep's turn is claimed by
 * one of them, and an overlap is harmless.
 */
export function startSweeper(
  options: Omit<SweepDependencies, "closing"> & { readonly logger: Logger },
): Sweeper {
  const closing = new AbortController();
  const running = sweepUntil({ ...options, closing: closing.signal }, options.logger);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function sweepUntil(dependencies: SweepDependencies, parent: Logger): Promise<void> {
  const logger = parent.child({ component: "sweeper" });
  const outages = new Map(SWEEPS.map(({ name }) => [name, new OutageLog(logger, name)]));
  while (!dependencies.closing.aborted) {
    for (const { name, everySeconds, run } of SWEEPS) {
      try {
        const turn = await takeTurn(dependencies.db, name, everySeconds);
        if (turn === null) continue;
        await run(dependencies, turn);
        outages.get(name)?.worked();
      } catch (error) {
        outages.get(name)?.failed(error);
      }
      if (dependencies.closing.aborted) return;
    }
    await delay(POLL_MS, undefined, { signal: dependencies.closing }).catch(() => {});
  }
}
