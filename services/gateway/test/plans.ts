import { eventually, phantomSeries } from "@axial/testkit";
import type { TestGateway } from "./start-gateway.ts";

export const CLOSE = { "axial-close": "true" };

export const phantom = (seed: number, kind: "brain" | "knee" = "brain", slices = 6) =>
  phantomSeries({ kind, seed, slices, size: 32 });

/** What the planner made of studies, read from the gateway's database. */
export function plansOf(gateway: () => TestGateway) {
  const runsOf = (studyUid: string) =>
    gateway()
      .db.selectFrom("run")
      .innerJoin("study", "study.id", "run.study_id")
      .selectAll("run")
      .select(["study.state as study_state", "study.plan_reason"])
      .where("study_uid", "=", studyUid)
      .orderBy("number")
      .execute();
  return {
    runsOf,
    planned: (studyUid: string, number = 1) =>
      eventually("the study is planned", async () => {
        const runs = await runsOf(studyUid);
        return runs.length >= number ? runs : undefined;
      }),
    tasksOf: (run: string | undefined) =>
      gateway()
        .db.selectFrom("task")
        .selectAll()
        .where("run_id", "=", run as never)
        .execute(),
  };
}
