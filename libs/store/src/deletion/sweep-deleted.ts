import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Rows of one statement of the sweep. */
const BATCH = 5_000;

/**
 * Forgets instances that were set aside and whose time is over; their blobs are collected then.
 * Those of a study that has come under legal hold since are kept. Returns how many.
 */
export async function sweepDeleted(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM deleted_instance WHERE id IN (SELECT d.id FROM deleted_instance d
      WHERE d.keep_until < now() AND NOT EXISTS (SELECT FROM study
        WHERE study.tenant_id = d.tenant_id AND study.study_uid = d.study_uid
          AND study.hold_since IS NOT NULL)
      LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
