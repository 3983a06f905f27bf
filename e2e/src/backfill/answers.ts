import { query } from "../chaos/audit/query.ts";

/** What the database has of a study's newest run with an answer. */
interface StoredAnswer {
  readonly study: string;
  readonly outcome: "prediction" | "refusal";
  readonly code: string | null;
  readonly label: string | null;
  readonly probability: number | null;
  /** It was planned when all that the study has was here. */
  readonly whole: boolean;
}

/** Predictions and refusals of every study's newest run, which has to have an answer. */
export function answersInDatabase(databaseUrl: string): Promise<StoredAnswer[]> {
  return query<StoredAnswer>(
    databaseUrl,
    `WITH newest AS (SELECT DISTINCT ON (study_id) id, study_id,
        NOT EXISTS (SELECT FROM instance WHERE instance.study_id = run.study_id
          AND own_run_id IS NULL AND received_at > run.created_at) AS whole
      FROM run ORDER BY study_id, number DESC)
    SELECT study_uid AS study, 'prediction' AS outcome, NULL AS code, label, probability, whole
    FROM newest JOIN study ON study.id = newest.study_id
    JOIN prediction ON prediction.run_id = newest.id
    UNION ALL
    SELECT study_uid, 'refusal', refusal.code, NULL, NULL, whole
    FROM newest JOIN study ON study.id = newest.study_id
    JOIN refusal ON refusal.run_id = newest.id`,
  );
}

/** Runs after the first of a study that no instance had come for since the one before. */
export function rerunsWithoutNews(databaseUrl: string): Promise<{ study: string }[]> {
  return query<{ study: string }>(
    databaseUrl,
    `SELECT study_uid AS study FROM study JOIN (
      SELECT study_id, reason, created_at, lag(created_at) OVER (PARTITION BY study_id
        ORDER BY number) AS before FROM run) AS again ON again.study_id = study.id
    WHERE before IS NOT NULL AND (reason <> 'late-arrival' OR NOT EXISTS (
      SELECT FROM instance WHERE instance.study_id = study.id AND received_at > before))`,
  );
}
