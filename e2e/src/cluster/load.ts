import { setTimeout as delay } from "node:timers/promises";
import { eventually, seededRandom } from "@axial/testkit";
import { auditAnswers } from "../chaos/audit/audit-answers.ts";
import { Door } from "../chaos/load/door.ts";
import { Ledger } from "../chaos/load/ledger.ts";
import { Senders } from "../chaos/load/senders.ts";
import { MODEL } from "../docker/client.ts";
import { assertNone } from "./check.ts";
import { databaseOfInstallation } from "./installation.ts";
import { scalingOf, type Visit } from "./visit.ts";

/** Studies a second, unless a check says otherwise: few, because two cores do everything. */
const RATE = 0.4;
const SETTLE_WITHIN_MS = 900_000;
const SEED = 20;

/**
 * Sends studies while `work` goes on, waits until every one is answered, and compares the database with
 * what the senders were promised. Resolves with the audit in a sentence; rejects if anything was lost,
 * doubled or wrong.
 */
export async function underLoad(
  visit: Visit,
  work: () => Promise<void>,
  rate = RATE,
): Promise<string> {
  const ledger = new Ledger();
  const random = seededRandom(SEED);
  const giveUp = new AbortController();
  const door = new Door({ gateways: [visit.url], ledger, random, giveUp: giveUp.signal });
  const tenants = [{ id: "default", key: visit.key }];
  const senders = new Senders({ tenants, door, ledger, random, rate });
  const ending = new AbortController();
  const loading = sendUntil(senders, ending.signal);
  try {
    await work();
  } finally {
    ending.abort();
    await loading;
  }
  const timer = setTimeout(() => giveUp.abort(), SETTLE_WITHIN_MS);
  await senders.drained();
  clearTimeout(timer);
  await settled(visit);
  return audit(visit, ledger);
}

/** Resolves when no task is outstanding. */
export async function settled(visit: Visit): Promise<void> {
  const nothing = async () => {
    const answer = await scalingOf(visit, "all").catch(() => null);
    return answer?.outstanding === 0;
  };
  await eventually("nothing is outstanding", nothing, SETTLE_WITHIN_MS);
}

async function sendUntil(senders: Senders, end: AbortSignal): Promise<void> {
  while (!end.aborted) await senders.runUntil(Date.now() + 1_000);
}

async function audit({ cluster, installation }: Visit, ledger: Ledger): Promise<string> {
  // Recorders commit in batches; a study's end follows its last task.
  await delay(2_000);
  const databaseUrl = await databaseOfInstallation(cluster, installation);
  const { finished, refused, cancelled, lost, duplicated, wrong, stuck } = await auditAnswers(
    { databaseUrl },
    ledger,
    MODEL,
  );
  assertNone("audit", [...lost, ...duplicated, ...wrong, ...stuck, ...ledger.rejections]);
  if (finished === 0) throw new Error("no study of the load was classified");
  const retries = [...ledger.retried].map(([why, count]) => `${count} × ${why}`);
  return (
    `${ledger.studies.length} studies, ${ledger.acknowledged} instances acknowledged: ${finished} predictions, ` +
    `${refused} refusals, ${cancelled} cancelled, 0 lost, 0 doubled; senders repeated ${retries.join(", ") || "nothing"}`
  );
}
