import { type Loop, startLoop } from "@axial/kit/loops";
import {
  activeBackfills,
  type BackfillRow,
  finishBackfill,
  foldTally,
  listStored,
  settleItems,
  startItems,
} from "@axial/store/backfill";
import { readCanaries } from "@axial/store/canaries";
import { notify } from "@axial/store/notify";
import { pullItems, settlePulledItems } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import type { ModelPolicy } from "../plan/candidate-models.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import { wantedModels } from "./wanted-models.ts";

/**
 * Studies of one backfill that are planned or run at once: enough to keep a dozen workers busy,
 * few enough that a pause is felt within minutes and that two backfills share the lane.
 */
const MAX_RUNNING = 256;
/** Studies of one backfill that are on their way from its source, or here and not started. */
const MAX_PULLED_AHEAD = 64;
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
    backfill.source === "stored" && !backfill.listed && !backfill.manifest
      ? await db.transaction().execute((trx) => listStored(trx, backfill))
      : false;
  if (backfill.source === "pulled") await pullAhead(db, backfill);
  const ended = await settleItems(db, backfill.id);
  const offer = versionsOfBackfill(await models.all(), await readCanaries(db));
  const wanted = wantedModels(offer, backfill.models, policy);
  const started = await db
    .transaction()
    .execute((trx) => startItems(trx, backfill, { maxRunning: MAX_RUNNING, models: wanted }));
  await finishBackfill(db, backfill.id);
  await foldTally(db, backfill.id);
  return listing || (ended > 0 && started > 0);
}

/** What a source brings stays a little ahead of what the models work on. */
async function pullAhead(db: Dependencies["db"], backfill: BackfillRow): Promise<void> {
  await settlePulledItems(db, backfill.id);
  const added = await db.transaction().execute((trx) => pullItems(trx, backfill, MAX_PULLED_AHEAD));
  if (added > 0) await notify(db, { event: "pulls-due" });
}
