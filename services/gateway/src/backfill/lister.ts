import { AxialError, type BackfillFilter } from "@axial/contracts";
import { OutageLog } from "@axial/kit";
import { type Loop, startLoop } from "@axial/kit/loops";
import { activeBackfills, type BackfillRow } from "@axial/store/backfill";
import { listPullItems, readSources, type SourceRow } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import { openSource } from "../sources/open-source.ts";
import { dayAfter, today } from "./days.ts";

const IDLE_MS = 1_000;
/** One day of one source; a busy archive answers in seconds. */
const SEARCH_TIMEOUT_MS = 120_000;

/**
 * Lists the studies of backfills that pull from a source, one study date at a time, so that no
 * answer exceeds an archive's limit. Progress is in Postgres, where another gateway picks it up.
 */
export function startLister(dependencies: Dependencies): Loop {
  const { db, logger } = dependencies;
  const outage = new OutageLog(logger, "listing of a backfill's source");
  return startLoop({ name: "backfill listing", idleMs: IDLE_MS, logger }, async () => {
    const open = (await activeBackfills(db)).filter(
      ({ source, listed, source_id, manifest }) =>
        source === "pulled" && !listed && !manifest && source_id !== null,
    );
    const sources = await readSources(
      db,
      open.map(({ source_id }) => source_id ?? ""),
    );
    const turns = open.flatMap((backfill) => {
      const source = sources.get(backfill.source_id ?? "");
      return source === undefined ? [] : [listDay(dependencies, backfill, source)];
    });
    const ended = await Promise.allSettled(turns);
    const failed = ended.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") outage.failed(failed.reason);
    else if (turns.length > 0) outage.worked();
    return turns.length > 0 && failed === undefined;
  });
}

/** Adds the studies of the next date. */
async function listDay(
  { db, guard, deidentifiers }: Dependencies,
  backfill: BackfillRow,
  source: SourceRow,
): Promise<void> {
  const { from = "", to = today(), modality } = backfill.filter as BackfillFilter;
  const day = backfill.listed_after ?? from;
  if (from === "") throw new AxialError("internal", { detail: "a backfill without a first day" });
  const signal = AbortSignal.timeout(SEARCH_TIMEOUT_MS);
  const port = openSource(source, { guard, signal });
  const found = day > to ? [] : await port.search({ from: day, to: day, modality });
  const deidentifier = await deidentifiers.of(backfill.tenant_id);
  const items = found.map(({ studyUid: sourceUid }) => ({
    sourceUid,
    storedUid: deidentifier?.uid(sourceUid) ?? sourceUid,
  }));
  const following = dayAfter(day);
  await db.transaction().execute((trx) =>
    listPullItems(trx, {
      backfill: { id: backfill.id, tenant: backfill.tenant_id },
      items,
      next: following > to ? null : following,
    }),
  );
}
