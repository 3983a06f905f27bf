import { setTimeout as delay } from "node:timers/promises";
import { query } from "../audit/query.ts";
import type { Senders } from "../load/senders.ts";
import type { Stack } from "../stack/stack.ts";

const POLL_MS = 200;
/** After this a run goes on to the next fault; the recovery counts as that long. */
const GIVE_UP_AFTER_MS = 90_000;

/** Accepted work that was to be done when the fault ended. */
const UNFINISHED = `SELECT
  (SELECT count(*) FROM study WHERE closed_at < $1 AND state = 'closed')
  + (SELECT count(*) FROM task WHERE created_at < $1
      AND state IN ('pending', 'dispatched', 'running')) AS unfinished`;
const COMPLETE = "SELECT FROM study WHERE study_uid = $1 AND state = 'complete'";

interface Recovery {
  readonly seconds: number;
  /** What took longest, in words. */
  readonly last: string;
}

/**
 * How long a full recovery takes: every service is ready, all work accepted before the fault's end
 * has its answer, and a STAT study sent after it is complete.
 */
export async function measureRecovery(stack: Stack, senders: Senders): Promise<Recovery> {
  const ended = Date.now();
  const probe = senders.probe();
  let taken: string | null = null;
  void probe.then(({ uid }) => {
    taken = uid;
  });
  const conditions: Readonly<Record<string, () => Promise<boolean>>> = {
    "a service is not ready": stack.isReady,
    "work from before waits": () => isWorkedOff(stack, new Date(ended)),
    "the probe is not taken": async () => taken !== null,
    "the probe waits": async () => taken === null || (await isComplete(stack, taken)),
  };
  for (let last = ""; ; await delay(POLL_MS)) {
    const unmet = await namesOfUnmet(conditions);
    const took = Date.now() - ended;
    if (unmet.length === 0 || took > GIVE_UP_AFTER_MS) return { seconds: took / 1_000, last };
    last = unmet.join(", ");
  }
}

async function namesOfUnmet(
  conditions: Readonly<Record<string, () => Promise<boolean>>>,
): Promise<string[]> {
  const names = Object.entries(conditions).map(async ([name, isMet]) =>
    (await isMet()) ? [] : [name],
  );
  return (await Promise.all(names)).flat();
}

async function isWorkedOff(stack: Stack, before: Date): Promise<boolean> {
  const rows = query<{ unfinished: string }>(stack.databaseUrl, UNFINISHED, [before]);
  return (await rows.catch(() => []))[0]?.unfinished === "0";
}

async function isComplete(stack: Stack, uid: string): Promise<boolean> {
  return (await query(stack.databaseUrl, COMPLETE, [uid]).catch(() => [])).length > 0;
}
