import type { StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/**
 * Opens a locked study in which a version was replaced: more corrections may follow, and it closes
 * as ever. One that waited for the planner waits until then; one that was held is open when nothing
 * contradicts any more; one that was cancelled stays so.
 */
export async function reopenForCorrection(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  await sql`
    UPDATE study SET state = 'receiving', plan_reason = NULL, close_reason = NULL,
      completed_at = NULL, state_since = now(), last_instance_at = now()
    WHERE id = ${study} AND state <> 'cancelled'
      AND NOT (state = 'held' AND EXISTS (SELECT FROM study_identity
        WHERE study_id = ${study} AND resolved_at IS NULL))`.execute(trx);
}
