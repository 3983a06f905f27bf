import { AxialError, newId, type StudyId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { notify } from "../notify.ts";
import { removeOwnInstances } from "../own/own-instances.ts";
import { removeAnswers } from "../remove-answers.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import { identityDigest, identityOf, identityTags } from "./identity.ts";
import { takeDemographics } from "./take-demographics.ts";

/** The identity of the instance that came first: the one that the study's tags name. */
export const FIRST_IDENTITY = "first";

export interface NamedPatient {
  /** `first`, or the id of another identity. */
  readonly id: string;
  readonly tags: TagSnapshot;
  readonly instances: number;
}

/** The patients that a study's instances name; only one if nothing contradicts. */
export async function readPatients(
  db: Database | DatabaseTransaction,
  study: StudyId,
): Promise<NamedPatient[]> {
  const { rows } = await sql<NamedPatient>`
    SELECT ${FIRST_IDENTITY} AS id, study.tags,
      (SELECT count(*)::integer FROM instance
        WHERE study_id = study.id AND identity_id IS NULL AND own_run_id IS NULL)
        AS instances
    FROM study WHERE id = ${study}
    UNION ALL
    SELECT i.id, i.tags, (SELECT count(*)::integer FROM instance WHERE identity_id = i.id)
    FROM study_identity i WHERE i.study_id = ${study} AND i.resolved_at IS NULL`.execute(db);
  return rows.map((row) => ({ ...row, tags: identityTags(row.tags) }));
}

export interface Resolution {
  /** Whose demographics are kept: `first`, or the id of another identity. */
  readonly keep: string;
  /** `merge`: all images are that patient's. `remove`: the other patients' images are removed. */
  readonly others: "merge" | "remove";
}

/**
 * Decides who the patient of a held study is, and lets it be planned. Returns false if there is
 * nothing to decide, or no such identity. Throws `conflict` if images of a study under legal hold
 * would be removed.
 */
export async function resolveIdentities(
  trx: DatabaseTransaction,
  { study, tenant }: { readonly study: StudyId; readonly tenant: TenantId },
  { keep, others }: Resolution,
): Promise<boolean> {
  const { rows } = await sql<{ hold_since: Date | null }>`
    SELECT hold_since FROM study WHERE id = ${study} FOR UPDATE`.execute(trx);
  if (others === "remove" && rows[0]?.hold_since) {
    throw new AxialError("conflict", {
      detail: "the study is under legal hold: nothing is removed",
    });
  }
  const patients = await readPatients(trx, study);
  const kept = patients.find(({ id }) => id === keep);
  const first = patients.find(({ id }) => id === FIRST_IDENTITY);
  if (patients.length < 2 || kept === undefined || first === undefined) return false;
  if (others === "remove") await removeOthers(trx, study, keep);
  else await rememberMerged(trx, { study, tenant, first });
  if (kept !== first) await takeDemographics(trx, { study, tenant, tags: kept.tags });
  await removeOwnInstances(trx, study);
  await sql`UPDATE instance SET identity_id = NULL
    WHERE study_id = ${study} AND identity_id IS NOT NULL`.execute(trx);
  await sql`DELETE FROM study_name WHERE study_id = ${study} AND identity_id <> ''`.execute(trx);
  await sql`
    UPDATE study SET state = 'closed', closed_at = now(), completed_at = NULL,
      state_since = now(), close_reason = coalesce(close_reason, 'explicit'),
      plan_reason = CASE WHEN EXISTS (SELECT FROM run WHERE run.study_id = study.id)
        THEN 'rerun' ELSE 'closed' END
    WHERE id = ${study}`.execute(trx);
  await notify(trx, { event: "study-closed", payload: study });
  return true;
}

/** Identities declared the same patient do not hold the study when more of their instances come. */
async function rememberMerged(
  trx: DatabaseTransaction,
  { study, tenant, first }: { study: StudyId; tenant: TenantId; first: NamedPatient },
): Promise<void> {
  await sql`UPDATE study_identity SET resolved_at = now() WHERE study_id = ${study}`.execute(trx);
  await sql`
    INSERT INTO study_identity (id, study_id, tenant_id, digest, tags, resolved_at)
    VALUES (${newId()}, ${study}, ${tenant}, ${identityDigest(identityOf(first.tags))},
      ${jsonParameter(first.tags)}::jsonb, now())
    ON CONFLICT (study_id, digest) DO NOTHING`.execute(trx);
}

/** Results based on the other patients' images go with them. */
async function removeOthers(trx: DatabaseTransaction, study: StudyId, keep: string): Promise<void> {
  const { rows } = await sql<{ series_id: string }>`
    DELETE FROM instance WHERE study_id = ${study} AND own_run_id IS NULL
      AND coalesce(identity_id, ${FIRST_IDENTITY}) <> ${keep}
    RETURNING series_id`.execute(trx);
  await removeAnswers(
    trx,
    study,
    rows.map((row) => row.series_id),
  );
  await sql`
    UPDATE study SET instance_count =
      (SELECT count(*)::integer FROM instance
        WHERE study_id = study.id AND own_run_id IS NULL)
    WHERE id = ${study}`.execute(trx);
  await sql`DELETE FROM study_identity WHERE study_id = ${study}`.execute(trx);
}
