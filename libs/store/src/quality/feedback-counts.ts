import type { TenantId, Verdict } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { SOURCE_NAMES } from "./source-names.ts";

/** Verdicts that are alike in everything that figures are made of. */
export interface FeedbackCount {
  readonly model: string;
  readonly version: string;
  /** As DICOM has them, in capitals. */
  readonly site: string;
  readonly scanner: string;
  /** Monday of the week in which the reader spoke. */
  readonly week: Date;
  readonly predicted: string;
  readonly verdict: Verdict;
  /** What the reader saw, where it is known. */
  readonly truth: string | null;
  /** The predicted probability, in tenths rounded down, 0 to 9. */
  readonly tenth: number;
  readonly verdicts: number;
}

interface FeedbackPeriod {
  /** All tenants where it is null. */
  readonly tenant: TenantId | null;
  readonly from: Date;
  readonly to: Date;
}

/**
 * Readers' verdicts of a period, the newest for each prediction. A reader who agrees has seen what
 * was predicted.
 */
export async function countFeedback(
  db: Database,
  { tenant, from, to }: FeedbackPeriod,
): Promise<FeedbackCount[]> {
  const { rows } = await sql<FeedbackCount>`
    SELECT p.model_id AS model, p.model_version AS version, ${SOURCE_NAMES},
      date_trunc('week', f.created_at) AS week, p.label AS predicted, f.verdict,
      CASE WHEN f.verdict = 'agree' THEN p.label ELSE f.label END AS truth,
      least(9, floor(p.probability * 10))::integer AS tenth, count(*)::integer AS verdicts
    FROM (SELECT DISTINCT ON (prediction_id) prediction_id, verdict, label, created_at
      FROM feedback WHERE created_at >= ${from} AND created_at < ${to}
        AND (${tenant}::text IS NULL OR tenant_id = ${tenant})
      ORDER BY prediction_id, created_at DESC) AS f
    JOIN prediction AS p ON p.id = f.prediction_id
    JOIN series ON series.id = p.series_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`.execute(db);
  return rows;
}
