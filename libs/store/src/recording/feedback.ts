import { newId, type TenantId, type Verdict } from "@axial/contracts";
import { sql } from "kysely";
import { writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { identityOf } from "../patients/identity.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";

interface NewFeedback {
  readonly tenant: TenantId;
  readonly keyId: string;
  readonly prediction: string;
  readonly verdict: Verdict;
  /** What the label should have been. */
  readonly label: string | null;
  readonly comment: string | null;
}

/**
 * Stores a key's verdict on a prediction, replacing its earlier one; audited. Returns false when
 * the tenant has no such prediction.
 */
export function writeFeedback(db: Database, feedback: NewFeedback): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    if (!(await replaceVerdict(trx, feedback))) return false;
    const { tenant, keyId, prediction, verdict } = feedback;
    const principal = { tenant, keyId };
    const detail = { verdict };
    await writeAudit(trx, { principal, action: "feedback.write", target: prediction, detail });
    return true;
  });
}

async function replaceVerdict(trx: DatabaseTransaction, feedback: NewFeedback): Promise<boolean> {
  const { tenant, keyId, prediction, ...said } = feedback;
  const known = await trx
    .selectFrom("prediction")
    .select("id")
    .where("id", "=", prediction)
    .where("tenant_id", "=", tenant)
    .executeTakeFirst();
  if (known === undefined) return false;
  await trx
    .insertInto("feedback")
    .values({
      id: newId(),
      tenant_id: tenant,
      prediction_id: prediction,
      key_id: keyId,
      ...said,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["prediction_id", "key_id"])
        .doUpdateSet({ ...said, created_at: new Date() }),
    )
    .execute();
  return true;
}

/** A prediction of a study's current answer, as feedback refers to it. */
export interface AnsweredPrediction {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly predicted: string;
}

/** The predictions of the current answers of a tenant's studies, by Study Instance UID. */
export async function readAnswered(
  db: Database,
  tenant: TenantId,
  studyUids: readonly string[],
): Promise<Map<string, AnsweredPrediction[]>> {
  const { rows } = await sql<AnsweredPrediction & { study: string }>`
    SELECT p.id, p.model_id AS model, p.model_version AS version, p.label AS predicted,
      study.study_uid AS study
    FROM study
    CROSS JOIN LATERAL (SELECT id FROM run WHERE run.study_id = study.id
      AND run.answered_at IS NOT NULL ORDER BY run.number DESC LIMIT 1) AS current
    JOIN prediction AS p ON p.run_id = current.id
    WHERE study.tenant_id = ${tenant} AND study.study_uid = ANY(${[...studyUids]}::text[])`.execute(
    db,
  );
  return Map.groupBy(rows, ({ study }) => study);
}

/** PatientID of a tenant's study, null where it has none; undefined where there is no such study. */
export async function readPatientId(
  db: Database,
  tenant: TenantId,
  studyUid: string,
): Promise<string | null | undefined> {
  const study = await db
    .selectFrom("study")
    .select("tags")
    .where("tenant_id", "=", tenant)
    .where("study_uid", "=", studyUid)
    .executeTakeFirst();
  return study && identityOf(study.tags as TagSnapshot).id;
}

interface FeedbackSearch {
  readonly tenant: TenantId;
  readonly model?: string;
  readonly verdict?: Verdict;
  /** The last of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** Verdicts with their predictions, newest first. */
export function listFeedback(db: Database, search: FeedbackSearch) {
  let query = db
    .selectFrom("feedback")
    .innerJoin("prediction", "prediction.id", "feedback.prediction_id")
    .innerJoin("study", "study.id", "prediction.study_id")
    .select(["feedback.id", "feedback.prediction_id", "feedback.verdict", "feedback.label"])
    .select(["feedback.comment", "feedback.created_at", "study.study_uid"])
    .select(["prediction.model_id", "prediction.model_version"])
    .select(["prediction.label as predicted", "prediction.probability"])
    .where("feedback.tenant_id", "=", search.tenant)
    .orderBy("feedback.id", "desc")
    .limit(search.limit);
  if (search.model !== undefined) query = query.where("prediction.model_id", "=", search.model);
  if (search.verdict !== undefined) query = query.where("feedback.verdict", "=", search.verdict);
  if (search.after !== undefined) query = query.where("feedback.id", "<", search.after);
  return query.execute();
}
export type FeedbackRow = Awaited<ReturnType<typeof listFeedback>>[number];
