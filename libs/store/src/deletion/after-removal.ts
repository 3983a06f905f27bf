import type { StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { notify } from "../notify.ts";
import { dropEmptyIdentities } from "../patients/settle-identities.ts";
import { removeAnswers } from "../remove-answers.ts";

/**
 * Brings a locked study up to date after instances left the series `touched`: every answer that
 * rests on those goes. A study of which nothing is left goes as a whole; another is planned anew
 * over what it still holds.
 */
export async function afterRemoval(
  trx: DatabaseTransaction,
  study: StudyId,
  touched: readonly string[],
): Promise<void> {
  const { rows: left } = await sql`
    SELECT FROM instance WHERE study_id = ${study} AND own_run_id IS NULL LIMIT 1`.execute(trx);
  if (left.length === 0) {
    await sql`DELETE FROM study WHERE id = ${study}`.execute(trx);
    return;
  }
  await removeAnswers(trx, study, touched);
  await dropEmptyIdentities(trx, study);
  await planAnew(trx, study);
}

/** One that is still being received closes as ever; one whose conflict has gone is planned. */
async function planAnew(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  const held = sql`EXISTS (SELECT FROM study_identity
    WHERE study_id = study.id AND resolved_at IS NULL)`;
  await sql`
    UPDATE study SET state_since = now(),
      instance_count = (SELECT count(*)::integer FROM instance
        WHERE study_id = study.id AND own_run_id IS NULL),
      state = CASE WHEN state = 'receiving' THEN state WHEN ${held} THEN 'held' ELSE 'closed' END,
      closed_at = CASE WHEN state = 'receiving' THEN closed_at ELSE now() END,
      completed_at = NULL,
      plan_reason = CASE WHEN ${held} OR state = 'receiving' THEN NULL
        WHEN EXISTS (SELECT FROM run WHERE run.study_id = study.id) THEN 'rerun'
        ELSE 'closed' END
    WHERE id = ${study}`.execute(trx);
  await notify(trx, { event: "study-closed", payload: study });
}
