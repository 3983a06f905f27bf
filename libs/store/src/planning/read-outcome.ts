import type { RefusalFacts, StudyId, StudyState, TaskResult } from "@axial/contracts";
import type { Database } from "../database.ts";

/** What the newest run of a study has produced so far. */
export interface StudyOutcome {
  readonly state: StudyState;
  readonly results: readonly TaskResult[];
  readonly refusals: readonly {
    readonly model: string | null;
    readonly code: string;
    readonly facts: RefusalFacts;
  }[];
}

/**
 * Reads the outcome of a study's newest run. Returns null before the first run, and for an unknown
 * study.
 */
export async function readOutcome(db: Database, study: StudyId): Promise<StudyOutcome | null> {
  const run = await db
    .selectFrom("run")
    .innerJoin("study", "study.id", "run.study_id")
    .select(["run.id", "study.state"])
    .where("study_id", "=", study)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  if (run === undefined) return null;
  const predictions = db.selectFrom("prediction").select("result").where("run_id", "=", run.id);
  const refusals = db
    .selectFrom("refusal")
    .select(["model_id as model", "code", "facts"])
    .where("run_id", "=", run.id);
  const [predicted, refused] = await Promise.all([predictions.execute(), refusals.execute()]);
  return { state: run.state, results: predicted.map((row) => row.result), refusals: refused };
}
