import { type Loop, startLoop } from "@axial/kit/loops";
import {
  activeBackfills,
  type BackfillRow,
  finishBackfill,
  listStored,
  settleItems,
  startItems,
} from "@axial/store/backfill";
import type { Dependencies } from "../dependencies.ts";
import type { ModelPolicy } from "../plan/candidate-models.ts";
import { wantedModels } from "./wanted-models.ts";

/**
 * Studies of one backfill that are planned or run at once: enough to keep a dozen workers busy,
 * few enough that a pause is felt within minutes and that two backfills share the lane.
 */
const MAX_RUNNING = 256;
const IDLE_MS = 500;

type FeederServices = Pick<Dependencies, "db" | "models" | "logger">;

/**
 * Moves the items of running backfills: finds what is to be run, starts as much as window, rate and
 * hours allow, and takes note of what has ended. Everything is in Postgres, so a feeder that dies is
 * continued by the next.
 */
export function startFeeder(services: FeederServices, policy: ModelPolicy): Loop {
  const { db, logger } = services;
  return startLoop({ name: "backfill feeder", idleMs: IDLE_MS, logger }, async () => {
    let more = false;
    for (const backfill of await activeBackfills(db)) {
      if (await feed(services, policy, backfill)) more = true;
    }
    return more;
  });
}

/** One turn for one backfill. Returns true when there may be more to do at once. */
async function feed(
  { db, models }: FeederServices,
  policy: ModelPolicy,
  backfill: BackfillRow,
): Promise<boolean> {
  const listing =
    backfill.source === "stored" && !backfill.listed
      ? await db.transaction().execute((trx) => listStored(trx, backfill))
      : false;
  const ended = await settleItems(db, backfill.id);
  const wanted = wantedModels(await models.newest(), backfill.models, policy);
  const started = await db
    .transaction()
    .execute((trx) => startItems(trx, backfill, { maxRunning: MAX_RUNNING, models: wanted }));
  await finishBackfill(db, backfill.id);
  return listing || (ended > 0 && started > 0);
}
