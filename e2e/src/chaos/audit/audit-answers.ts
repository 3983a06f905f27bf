import type { Ledger, SentSeries, SentStudy } from "../load/ledger.ts";
import type { Stack } from "../stack/stack.ts";
import { query } from "./query.ts";

export interface AnswerAudit {
  readonly finished: number;
  readonly refused: number;
  /** Series without an answer because their study was cancelled first. */
  readonly cancelled: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  /** Wrong answers. */
  readonly wrong: readonly string[];
  readonly stuck: readonly string[];
}

interface StudyRow {
  readonly tenant: string;
  readonly uid: string;
  readonly state: string;
  readonly runs: number;
}

interface AnswerRow {
  readonly tenant: string;
  readonly uid: string;
  readonly series: string | null;
  readonly model: string | null;
  readonly kind: "prediction" | "refusal";
  /** Of a prediction: label and probability as text. */
  readonly answer: string | null;
  /** SOP Instance UIDs of the slices that it was made from. */
  readonly slices: readonly string[] | null;
}

const STUDIES = `SELECT study.tenant_id AS tenant, study_uid AS uid, study.state,
    count(run.id)::integer AS runs
  FROM study LEFT JOIN run ON run.study_id = study.id GROUP BY study.id`;

const ANSWERS = `WITH newest AS (
    SELECT DISTINCT ON (study_id) id, study_id FROM run ORDER BY study_id, number DESC)
  SELECT study.tenant_id AS tenant, study.study_uid AS uid, series.series_uid AS series,
    answer.model_id AS model, answer.kind, answer.answer, answer.slices
  FROM newest JOIN study ON study.id = newest.study_id
  JOIN LATERAL (
    SELECT series_id, model_id, 'prediction' AS kind,
      label || ' ' || round(probability::numeric, 4) AS answer,
      (SELECT array_agg(slice ->> 'sopInstanceUid') FROM jsonb_array_elements(result -> 'slices')
        AS slice) AS slices
    FROM prediction WHERE run_id = newest.id
    UNION ALL
    SELECT series_id, model_id, 'refusal', NULL, NULL FROM refusal WHERE run_id = newest.id
  ) AS answer ON true
  LEFT JOIN series ON series.id = answer.series_id`;

/**
 * Compares Postgres with what senders were promised: every whole study is complete, or cancelled
 * where that was requested; every series has one answer of each model in the newest run, of the
 * right kind and from its own slices (unless cancelled); the same pixels always got the same
 * answer. Where several models are served, only answers of `model`, which the studies were made
 * for, are checked.
 */
export async function auditAnswers(
  stack: Pick<Stack, "databaseUrl">,
  ledger: Ledger,
  model?: string,
): Promise<AnswerAudit> {
  const studies = new Map(
    (await query<StudyRow>(stack.databaseUrl, STUDIES)).map((row) => [keyOf(row), row]),
  );
  const answers = Map.groupBy(await query<AnswerRow>(stack.databaseUrl, ANSWERS), keyOf);
  const audit = {
    finished: 0,
    refused: 0,
    cancelled: 0,
    lost: [],
    duplicated: [],
    wrong: [],
    stuck: [],
  };
  const findings: Findings = { ...audit, byContent: new Map() };
  for (const study of ledger.studies) {
    if (study.whole) {
      auditStudy(study, studies.get(keyOf(study)), findings);
      for (const series of study.series) {
        const own = (answers.get(keyOf(study)) ?? []).filter((row) => row.series === series.uid);
        auditSeries(series, own, { findings, model, end: study.end });
      }
    } else findings.stuck.push("a study was not taken by the end");
  }
  for (const [content, given] of findings.byContent) {
    if (given.size > 1) findings.wrong.push(`${content} is ${[...given].join(" and ")}`);
  }
  return findings;
}

interface Findings {
  finished: number;
  refused: number;
  cancelled: number;
  readonly lost: string[];
  readonly duplicated: string[];
  readonly wrong: string[];
  readonly stuck: string[];
  readonly byContent: Map<string, Set<string>>;
}

const keyOf = ({ tenant, uid }: { tenant: string; uid: string }) => `${tenant}/${uid}`;

function auditStudy(study: SentStudy, row: StudyRow | undefined, findings: Findings): void {
  if (row === undefined) findings.lost.push("a study has no row");
  else {
    // A cancellation that came after the answer has nothing left to drop.
    const cancelledLate = study.end === "cancelled" && row.state === "complete";
    if (row.state !== study.end && !cancelledLate) {
      findings.stuck.push(`a study is ${row.state} instead of ${study.end}`);
    }
    if (row.runs > study.runs) {
      findings.duplicated.push(`a study has ${row.runs} runs instead of ${study.runs}`);
    }
  }
}

interface SeriesAudit {
  readonly findings: Findings;
  readonly model: string | undefined;
  readonly end: SentStudy["end"];
}

function auditSeries(
  series: SentSeries,
  own: readonly AnswerRow[],
  { findings, model, end }: SeriesAudit,
): void {
  const models = new Set(own.map((row) => row.model));
  if (own.length > models.size) findings.duplicated.push("a series has two answers of one model");
  const asked = own.filter((row) => model === undefined || row.model === model);
  if (asked.length === 0 && end === "cancelled") findings.cancelled += 1;
  else if (asked.length === 0) findings.lost.push("a series has no answer");
  for (const { kind, answer, slices } of asked) {
    if (kind !== series.expected)
      findings.wrong.push(`a ${kind} where a ${series.expected} was due`);
    if (kind === "refusal") findings.refused += 1;
    else {
      findings.finished += 1;
      const known = new Set(series.instances.map(({ uid }) => uid));
      const foreign = (slices ?? []).some((uid) => !known.has(uid));
      if (foreign || slices === null) findings.wrong.push("a prediction from foreign slices");
      const given = findings.byContent.get(series.content) ?? new Set();
      findings.byContent.set(series.content, given.add(answer ?? ""));
    }
  }
}
