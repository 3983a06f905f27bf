import type { StudyId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import { takeDemographics } from "./take-demographics.ts";

/** Forgets the identities of a locked study that no instance has any more, with their names. */
export async function dropEmptyIdentities(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  await sql`
    WITH gone AS (
      DELETE FROM study_identity WHERE study_id = ${study} AND resolved_at IS NULL
        AND NOT EXISTS (SELECT FROM instance WHERE identity_id = study_identity.id)
      RETURNING id)
    DELETE FROM study_name USING gone
    WHERE study_name.study_id = ${study} AND study_name.identity_id = gone.id`.execute(trx);
}

/**
 * Says who the patient of a locked study is, once newer versions of its instances have taken the
 * place of others. When none is left of those that named the study's own patient, the patient whom
 * the rest names is the study's: a correction is complete, and nothing contradicts any more.
 */
export async function settleIdentities(
  trx: DatabaseTransaction,
  { study, tenant }: { readonly study: StudyId; readonly tenant: TenantId },
): Promise<void> {
  await dropEmptyIdentities(trx, study);
  const { rows } = await sql<{ id: string; tags: TagSnapshot }>`
    SELECT id, tags FROM study_identity WHERE study_id = ${study} AND resolved_at IS NULL
      AND NOT EXISTS (SELECT FROM instance WHERE study_id = ${study} AND identity_id IS NULL
        AND own_run_id IS NULL)
    ORDER BY id LIMIT 1`.execute(trx);
  const [heir] = rows;
  if (heir === undefined) return;
  await sql`UPDATE instance SET identity_id = NULL
    WHERE study_id = ${study} AND identity_id = ${heir.id}`.execute(trx);
  await dropEmptyIdentities(trx, study);
  await takeDemographics(trx, { study, tenant, tags: heir.tags });
}
