import { setTimeout as delay } from "node:timers/promises";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 3_000;

/** How long a sender goes on. */
export interface Patience {
  readonly random: () => number;
  /** Aborted when the time for repeating is over. */
  readonly giveUp: AbortSignal;
}

/** `refused`: no sender would repeat it. */
type Attempted = "taken" | "refused" | "again";

/** Repeats with growing pauses, as senders do; true once it is taken. */
export async function repeat(
  { random, giveUp }: Patience,
  attempt: () => Promise<Attempted>,
): Promise<boolean> {
  for (let pause = FIRST_PAUSE_MS; !giveUp.aborted; pause = Math.min(LONGEST_PAUSE_MS, 2 * pause)) {
    const attempted = await attempt();
    if (attempted !== "again") return attempted === "taken";
    await delay(pause / 2 + random() * (pause / 2));
  }
  return false;
}
