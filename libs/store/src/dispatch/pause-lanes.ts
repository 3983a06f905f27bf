import type { Lane } from "@axial/contracts";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database } from "../database.ts";

interface LanePause {
  readonly lane: Lane;
  readonly paused: boolean;
  /** For the audit. */
  readonly reason?: string | undefined;
}

/**
 * Pauses or resumes a lane for all tenants: nothing of a paused lane is dispatched, what was
 * dispatched is finished. Returns false when it was so already.
 */
export function pauseLane(
  db: Database,
  { lane, paused, reason }: LanePause,
  by: AuditEntry["principal"],
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const changed = paused
      ? await trx
          .insertInto("paused_lane")
          .values({ lane })
          .onConflict((conflict) => conflict.doNothing())
          .returning("lane")
          .execute()
      : await trx.deleteFrom("paused_lane").where("lane", "=", lane).returning("lane").execute();
    if (changed.length === 0) return false;
    const action = paused ? "lane.pause" : "lane.resume";
    const detail = reason === undefined ? {} : { reason };
    await writeAudit(trx, { principal: by, action, target: lane, detail });
    return true;
  });
}
