import type { StudyId } from "@axial/contracts";
import { sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database } from "../database.ts";

type Actor = AuditEntry["principal"];

/** Puts a study under legal hold, or replaces the reason of a hold. */
export function placeHold(
  db: Database,
  { study, reason }: { readonly study: StudyId; readonly reason: string },
  by: Actor,
): Promise<void> {
  return db.transaction().execute(async (trx) => {
    await sql`UPDATE study SET hold_since = coalesce(hold_since, now()), hold_reason = ${reason}
      WHERE id = ${study}`.execute(trx);
    const entry = { principal: by, action: "study.hold", target: study };
    await writeAudit(trx, { ...entry, detail: { reason } });
  });
}

/** Lifts the hold, for a reason where one is given. Returns false when there was none. */
export function liftHold(
  db: Database,
  { study, reason }: { readonly study: StudyId; readonly reason?: string | undefined },
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numAffectedRows } = await sql`UPDATE study SET hold_since = NULL, hold_reason = NULL
      WHERE id = ${study} AND hold_since IS NOT NULL`.execute(trx);
    if (numAffectedRows !== 1n) return false;
    const detail = reason === undefined ? {} : { reason };
    await writeAudit(trx, { principal: by, action: "study.release", target: study, detail });
    return true;
  });
}
