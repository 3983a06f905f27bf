import type { Lane, StudyId, StudyState, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import { currentRunId } from "../answers.ts";
import type { Database } from "../database.ts";
import { namesLike, searchAttribute } from "../search/attributes.ts";
import type { ValueMatch } from "../search/value-match.ts";

export interface StudySearch {
  readonly tenant: TenantId;
  readonly state?: StudyState;
  readonly lane?: Lane;
  /** A Study Instance UID or its beginning. */
  readonly study?: string;
  /** A PatientID, or a part of a patient's name without regard to case and accents. */
  readonly patient?: string;
  readonly accession?: string;
  /** StudyDate, both ends included; `YYYYMMDD`. */
  readonly from?: string;
  readonly to?: string;
  /** The most probable label of a current prediction, and the model that gave one. */
  readonly label?: string;
  readonly model?: string;
  /** InstitutionName of a series. */
  readonly site?: string;
  /** The last study of the page before. */
  readonly after?: StudyId;
  readonly limit: number;
}

/**
 * Studies, newest first, with the progress of their newest run and the results of their current
 * one.
 */
export function searchStudies(db: Database, search: StudySearch) {
  let query = db
    .selectFrom("study")
    .leftJoinLateral(
      (join) =>
        join
          .selectFrom("run")
          .select(["run.id as run_id", "run.unfinished"])
          .whereRef("run.study_id", "=", "study.id")
          .orderBy("run.number", "desc")
          .limit(1)
          .as("newest"),
      (join) => join.onTrue(),
    )
    .leftJoinLateral(
      (join) =>
        join
          .selectFrom("run")
          .select("run.id as run_id")
          .where("run.id", "=", currentRunId(sql`study.id`))
          .as("current"),
      (join) => join.onTrue(),
    )
    .select(["study.id", "study.study_uid", "study.state", "study.lane"])
    .select(["study.instance_count", "study.received_at", "study.completed_at"])
    .select(["newest.unfinished"])
    .select([sql<string | null>`study.tags #>> '{00080020,Value,0}'`.as("study_date")])
    .select([
      sql<number>`(SELECT count(*)::integer FROM prediction
        WHERE prediction.run_id = current.run_id)`.as("predictions"),
      sql<number>`(SELECT count(*)::integer FROM refusal
        WHERE refusal.run_id = current.run_id)`.as("refusals"),
      sql<number>`(SELECT count(*)::integer FROM task
        WHERE task.run_id = newest.run_id AND task.state = 'dead')`.as("dead"),
    ])
    .where("study.tenant_id", "=", search.tenant)
    .orderBy("study.id", "desc")
    .limit(search.limit);
  if (search.state !== undefined) query = query.where("study.state", "=", search.state);
  if (search.lane !== undefined) query = query.where("study.lane", "=", search.lane);
  if (search.after !== undefined) query = query.where("study.id", "<", search.after);
  if (search.study !== undefined) {
    query = query.where(sql<boolean>`starts_with(study.study_uid, ${search.study})`);
  }
  for (const condition of conditionsOf(search)) query = query.where(condition);
  return query.execute();
}

export type StudyRow = Awaited<ReturnType<typeof searchStudies>>[number];

/** The tenants that studies belong to, each once. */
export async function tenantsOf(
  db: Database,
  studies: readonly StudyId[],
): Promise<readonly TenantId[]> {
  const rows = await db
    .selectFrom("study")
    .select("tenant_id")
    .distinct()
    .where("id", "=", sql<StudyId>`ANY(${[...studies]}::text[])`)
    .execute();
  return rows.map((row) => row.tenant_id);
}

/** What is searched for in a study's tags, series and answers. */
function conditionsOf(search: StudySearch): RawBuilder<boolean>[] {
  const { patient, accession, from = null, to = null, site } = search;
  const dated = from !== null || to !== null;
  return [
    ...(patient === undefined ? [] : [ofPatient(patient)]),
    ...(accession === undefined ? [] : [ofStudy("00080050", equal(accession))]),
    ...(dated ? [ofStudy("00080020", { kind: "range", from, to })] : []),
    ...(site === undefined ? [] : [ofSite(site)]),
    ...answered(search),
  ];
}

const equal = (value: string): ValueMatch => ({ kind: "equals", values: [value] });

function ofStudy(tag: string, match: ValueMatch): RawBuilder<boolean> {
  const attribute = searchAttribute([tag]);
  if (attribute === null) throw new TypeError(`studies are not searched by ${tag}`);
  return attribute.condition(match);
}

function ofPatient(patient: string): RawBuilder<boolean> {
  const named = namesLike([`*${patient}*`]);
  return sql<boolean>`(${ofStudy("00100020", equal(patient))} OR study.id IN (${named}))`;
}

function ofSite(site: string): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (SELECT FROM series AS at_site
    WHERE at_site.study_id = study.id AND at_site.tags #>> '{00080080,Value,0}' = ${site})`;
}

function answered({ label, model }: StudySearch): RawBuilder<boolean>[] {
  if (label === undefined && model === undefined) return [];
  const labelled = label === undefined ? sql`true` : sql`answer.label = ${label}`;
  const byModel = model === undefined ? sql`true` : sql`answer.model_id = ${model}`;
  return [
    sql<boolean>`EXISTS (SELECT FROM prediction AS answer WHERE answer.study_id = study.id
      AND answer.run_id = current.run_id AND ${labelled} AND ${byModel})`,
  ];
}
