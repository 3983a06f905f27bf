import { newId, newUid, type StudyId } from "@axial/contracts";
import { closeStudies } from "@axial/store/ingest";
import { notify } from "@axial/store/notify";
import { cancelStudy, rerunStudy } from "@axial/store/planning";
import { eventually } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StudyWatcher } from "../../src/watch/study-watcher.ts";
import { type SeededStudy, seedStudy, TENANT } from "../support/seed.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let watcher: StudyWatcher;

beforeAll(async () => {
  stack = await startStack();
  watcher = new StudyWatcher(stack.databaseUrl, stack.logger);
  watcher.start();
  const study = newId<StudyId>();
  const listening = heardOf(study);
  // What is told before it listens is missed.
  await eventually("a listening watcher", async () => {
    await notify(stack.db, { event: "study-changed", payload: study });
    return listening.heard;
  });
});

afterAll(async () => {
  await watcher?.close();
  await stack?.stop();
});

describe("the watcher of a study hears at once that it", () => {
  it("was closed", async () => {
    const { study } = await receivingStudy();
    const { next } = heardOf(study);
    await closeStudies(stack.db, TENANT, { ids: [study], reason: "explicit" });
    await next;
  });

  it("is planned anew", async () => {
    const { study } = await receivingStudy();
    const { next } = heardOf(study);
    const rerun = stack.db.transaction().execute((trx) => rerunStudy(trx, study, { models: null }));
    expect(await rerun).toBe(true);
    await next;
  });

  it("was cancelled", async () => {
    const { study } = await receivingStudy();
    const { next } = heardOf(study);
    await stack.db.transaction().execute((trx) => cancelStudy(trx, study));
    await next;
  });
});

async function receivingStudy(): Promise<SeededStudy> {
  const seeded = await seedStudy(stack.db, { instances: [{ sopInstanceUid: newUid() }] });
  await stack.db
    .updateTable("study")
    .set({ state: "receiving", close_reason: null, closed_at: null })
    .where("id", "=", seeded.study)
    .execute();
  return seeded;
}

function heardOf(study: StudyId) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = { heard: false, next: promise };
  const unwatch = watcher.watch(study, () => {
    watch.heard = true;
    unwatch();
    resolve();
  });
  return watch;
}
