import {
  newId,
  newUid,
  RESULTS_STREAM,
  type RunId,
  type StudyView,
  type TaskId,
} from "@axial/contracts";
import { cancelStudy, rerunStudy } from "@axial/store/planning";
import { replayDead } from "@axial/store/recording";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, as, startApi } from "../support/api.ts";
import { doneMessage } from "../support/results.ts";
import { type SeededStudy, seedRun, seedStudy, TENANT } from "../support/seed.ts";

describe("which answer of a study is current", () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api?.stop());

  const append = (data: object) =>
    api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
  const finish = async (task: TaskId | undefined) =>
    append(await doneMessage(api.stack, task as TaskId));
  const die = (task: TaskId | undefined) =>
    append({ kind: "failed", task, attempt: 1, code: "golden-mismatch", detail: "d" });
  const view = async ({ studyUid }: SeededStudy): Promise<StudyView> => {
    const answer = await api.server.inject({
      url: `/api/v1/studies/${studyUid}`,
      headers: as("reader"),
    });
    return answer.json();
  };
  const inState = (seeded: SeededStudy, state: string) =>
    eventually(`the study is ${state}`, async () => {
      const now = await view(seeded);
      return now.state === state && now;
    });

  async function answered(): Promise<SeededStudy> {
    const seeded = await seedStudy(api.stack.db, { instances: [{ sopInstanceUid: newUid() }] });
    await finish(seeded.tasks[0]);
    await inState(seeded, "complete");
    return seeded;
  }

  /** The study is set going again, and planned: a second run with a task for each model. */
  async function rerun(seeded: SeededStudy, models = ["tiny-brain"]): Promise<TaskId[]> {
    const { db } = api.stack;
    await db.transaction().execute((trx) => rerunStudy(trx, seeded.study, { models: null }));
    const run = newId<RunId>();
    const tasks = await seedRun(db, {
      ...seeded,
      ...{ run, number: 2, tenant: TENANT, lane: "routine", models },
    });
    await db
      .updateTable("study")
      .set({ plan_reason: null })
      .where("id", "=", seeded.study)
      .execute();
    return tasks;
  }

  const shown = ({ predictions, rerun: state, runs }: StudyView) => ({
    predictions: predictions.length,
    rerun: state,
    current: runs.find((run) => run.current)?.number,
  });

  it("stays the earlier one while a rerun has none, and is the rerun's once it has", async () => {
    const seeded = await answered();
    const [task] = await rerun(seeded);
    expect(shown(await view(seeded))).toEqual({
      predictions: 1,
      rerun: { run: 2, state: "running" },
      current: 1,
    });
    await finish(task);
    const after = await inState(seeded, "complete");
    expect(shown(after)).toEqual({ predictions: 1, rerun: null, current: 2 });
  });

  it("is shown with as many of the newest runs as an answer has room for", async () => {
    const seeded = await answered();
    const { db } = api.stack;
    for (let number = 2; number <= 4; number += 1) {
      const run = newId<RunId>();
      await seedRun(db, {
        ...seeded,
        ...{ run, number, tenant: TENANT, lane: "routine", models: ["tiny-brain"] },
      });
      await sql`
        INSERT INTO refusal (id, run_id, study_id, series_id, model_id, code)
        SELECT ${run} || lpad(n::text, 6, '0'), ${run}, ${seeded.study}, ${seeded.series},
          'tiny-brain', 'wrong-modality' FROM generate_series(1, 4900) AS n`.execute(db);
    }
    const { runs } = await view(seeded);
    expect(runs.map(({ number, refusals }) => [number, refusals.length])).toEqual([
      [4, 4_900],
      [3, 4_900],
      [1, 0],
    ]);
  });

  it("stays the earlier one when a rerun is cancelled", async () => {
    const seeded = await answered();
    await rerun(seeded);
    await api.stack.db.transaction().execute((trx) => cancelStudy(trx, seeded.study));
    const after = await inState(seeded, "complete");
    expect(shown(after)).toEqual({
      predictions: 1,
      rerun: { run: 2, state: "rerun failed", reason: "cancelled" },
      current: 1,
    });
  });

  it("stays the earlier one when every task of a rerun dies", async () => {
    const seeded = await answered();
    const [task] = await rerun(seeded);
    await die(task);
    const after = await inState(seeded, "complete");
    expect(shown(after)).toEqual({
      predictions: 1,
      rerun: { run: 2, state: "rerun failed", reason: "all its tasks died" },
      current: 1,
    });
    expect(after.failures).toMatchObject([{ run: 2, task, code: "golden-mismatch" }]);
    const found = await api.server.inject({
      url: `/api/v1/results?study=${seeded.studyUid}`,
      headers: as("reader"),
    });
    expect(found.json().results).toMatchObject([{ run: 1, current: true }]);
  });

  it("is absent when all tasks of a study died: it has failed", async () => {
    const seeded = await seedStudy(api.stack.db, { models: ["tiny-brain", "other"] });
    for (const task of seeded.tasks) await die(task);
    const failed = await inState(seeded, "failed");
    expect(failed.failures.map(({ task }) => task).toSorted()).toEqual(seeded.tasks.toSorted());
    expect(failed.runs).toMatchObject([{ state: "failed" }]);
  });

  it("says of a study some of whose tasks died that it has failures, and keeps the answer while these are tried again", async () => {
    const seeded = await seedStudy(api.stack.db, { models: ["tiny-brain", "other"] });
    await finish(seeded.tasks[0]);
    await die(seeded.tasks[1]);
    const partly = await inState(seeded, "complete-with-failures");
    expect(partly.failures).toMatchObject([{ task: seeded.tasks[1], model: "other" }]);
    expect(partly.predictions).toHaveLength(1);
    expect(await replayDead(api.stack.db, { tenant: TENANT, study: seeded.studyUid })).toBe(1);
    expect(shown(await inState(seeded, "closed"))).toMatchObject({ predictions: 1, current: 1 });
    await api.stack.db.transaction().execute((trx) => cancelStudy(trx, seeded.study));
    expect((await inState(seeded, "complete-with-failures")).predictions).toHaveLength(1);
  });
});
