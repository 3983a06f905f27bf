import type { DomainAssessment, Evidence, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { currentRunId } from "../answers.ts";
import type { Database } from "../database.ts";

export interface ResultSearch {
  readonly tenant: TenantId;
  readonly model?: string;
  readonly version?: string;
  readonly label?: string;
  readonly study?: string;
  readonly evidence?: Evidence;
  readonly minProbability?: number;
  readonly from?: Date;
  readonly to?: Date;
  /** Also the results of runs that are not current. */
  readonly superseded: boolean;
  /** The last prediction of the page before. */
  readonly after?: string;
  readonly limit: number;
}

const NOT_SUPERSEDED = sql<boolean>`run.id = ${currentRunId(sql`run.study_id`)}`;

/** Predictions of a tenant, newest first. */
export function searchResults(db: Database, search: ResultSearch) {
  let query = db
    .selectFrom("prediction")
    .innerJoin("run", "run.id", "prediction.run_id")
    .innerJoin("study", "study.id", "prediction.study_id")
    .innerJoin("series", "series.id", "prediction.series_id")
    .innerJoin("task", "task.id", "prediction.task_id")
    .select(["prediction.id", "study.study_uid", "series.series_uid"])
    .select(["prediction.model_id", "prediction.model_version", "prediction.model_sha256"])
    .select(["prediction.evidence", "prediction.provider", "prediction.created_at"])
    .select(["prediction.label", "prediction.probability", "task.arm"])
    .select(["run.number as run", NOT_SUPERSEDED.as("current")])
    .select(sql<string>`prediction.result #>> '{distributions,0,display}'`.as("display"))
    .select(sql<DomainAssessment | null>`prediction.result -> 'domain'`.as("domain"))
    .where("prediction.tenant_id", "=", search.tenant)
    .orderBy("prediction.id", "desc")
    .limit(search.limit);
  if (search.model !== undefined) query = query.where("prediction.model_id", "=", search.model);
  if (search.version !== undefined) {
    query = query.where("prediction.model_version", "=", search.version);
  }
  if (search.label !== undefined) query = query.where("prediction.label", "=", search.label);
  if (search.study !== undefined) query = query.where("study.study_uid", "=", search.study);
  if (search.evidence !== undefined) {
    query = query.where("prediction.evidence", "=", search.evidence);
  }
  if (search.minProbability !== undefined) {
    query = query.where("prediction.probability", ">=", search.minProbability);
  }
  if (search.from !== undefined) query = query.where("prediction.created_at", ">=", search.from);
  if (search.to !== undefined) query = query.where("prediction.created_at", "<", search.to);
  if (!search.superseded) query = query.where(NOT_SUPERSEDED);
  if (search.after !== undefined) query = query.where("prediction.id", "<", search.after);
  return query.execute();
}
export type ResultRow = Awaited<ReturnType<typeof searchResults>>[number];
