import type { StudyId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/** A model version that a backfill runs. */
export interface WantedModel {
  readonly id: string;
  readonly version: string;
}

/**
 * Of these studies those that are complete and whose current run has an answer of every one of these
 * model versions: a prediction, or a refusal of it; one that names no version counts where it is
 * newer than the version.
 */
export async function answeredStudies(
  db: Database | DatabaseTransaction,
  studies: readonly StudyId[],
  models: readonly WantedModel[],
): Promise<ReadonlySet<StudyId>> {
  if (studies.length === 0 || models.length === 0) return new Set();
  const { rows } = await sql<{ study: StudyId }>`
    SELECT study.id AS study FROM study
    CROSS JOIN LATERAL (SELECT id, created_at FROM run WHERE run.study_id = study.id
      AND run.answered_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS current
    WHERE study.id = ANY(${[...studies]}::text[]) AND study.state = 'complete' AND NOT EXISTS (
      SELECT FROM unnest(${models.map(({ id }) => id)}::text[],
        ${models.map(({ version }) => version)}::text[]) AS wanted(id, version)
      WHERE NOT EXISTS (SELECT FROM prediction WHERE prediction.run_id = current.id
          AND prediction.model_id = wanted.id AND prediction.model_version = wanted.version)
        AND NOT EXISTS (SELECT FROM refusal LEFT JOIN model_version AS seen
          ON seen.id = wanted.id AND seen.version = wanted.version
          WHERE refusal.run_id = current.id AND refusal.model_id = wanted.id
            AND CASE WHEN refusal.model_version IS NULL
              THEN current.created_at > seen.first_seen_at
              ELSE refusal.model_version = wanted.version END))`.execute(db);
  return new Set(rows.map(({ study }) => study));
}

/** Of studies by their Study Instance UIDs, those that `answeredStudies` finds. */
export async function answeredUids(
  db: Database,
  { tenant, studies }: { readonly tenant: TenantId; readonly studies: readonly string[] },
  models: readonly WantedModel[],
): Promise<ReadonlySet<string>> {
  const known = await db
    .selectFrom("study")
    .select(["id", "study_uid"])
    .where("tenant_id", "=", tenant)
    .where("study_uid", "in", [...studies])
    .execute();
  const answered = await answeredStudies(
    db,
    known.map(({ id }) => id),
    models,
  );
  return new Set(known.flatMap(({ id, study_uid }) => (answered.has(id) ? [study_uid] : [])));
}
