import { type Loop, startLoop } from "@axial/kit/loops";
import { forgetMinutes, recordMinute } from "@axial/store/history";
import type { Dependencies } from "./dependencies.ts";

/** A minute is recorded within this of its end; one during which no results service ran is not. */
const RECORD_EVERY_MS = 10_000;

/** Records each minute's work. Any number may run: the first one records it. */
export function startHistory({ db, logger }: Pick<Dependencies, "db" | "logger">): Loop {
  return startLoop({ name: "history", idleMs: RECORD_EVERY_MS, logger }, async () => {
    if (await recordMinute(db)) await forgetMinutes(db);
    return false;
  });
}
