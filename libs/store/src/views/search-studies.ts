import type { Lane, StudyId, StudyState, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { currentRunId } from "../answers.ts";
import type { Database } from "../database.ts";

interface StudySearch {
  readonly tenant: TenantId;
  readonly state?: StudyState;
  readonly lane?: Lane;
  /** A Study Instance UID or its beginning. */
  readonly study?: string;
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
  return query.execute();
}
export type StudyRow = Awaited<ReturnType<typeof searchStudies>>[number];
