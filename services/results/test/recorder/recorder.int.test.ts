import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BlobKey,
  newId,
  type PoolKey,
  poolKeys,
  RESULTS_STREAM,
  type ResultMessage,
  type RunId,
  signMessage,
  type TaskId,
  type TaskResult,
} from "@axial/contracts";
import { ModelCatalogue } from "@axial/inference/packages";
import { createMetrics, type Metrics, NO_TRACING, openQueues, type Queues } from "@axial/kit";
import { readOutlook } from "@axial/store/dispatch";
import { eventually, queueBackends, TINY_MODELS } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Recorder, startRecorder } from "../../src/recorder/recorder.ts";
import { MAX_ATTEMPTS } from "../../src/recorder/retry-policy.ts";
import { doneMessage, giveInput, taskInput, taskResult } from "../support/results.ts";
import { seedRun, seedStudy, TENANT } from "../support/seed.ts";
import { type Stack, startStack } from "../support/stack.ts";

const [SLICE] = taskResult(newId()).slices as [TaskResult["slices"][number]];

for (const backend of queueBackends()) {
  describe(`recorder on ${backend.name}`, backend.options, () => {
    let stack: Stack;
    let server: { url: string; stop(): Promise<void> };
    let queues: Queues;
    let metrics: Metrics;
    let recorder: Recorder;
    let sent = 0;
    let outcomeKeys: readonly PoolKey[] = [];
    const models = new ModelCatalogue(TINY_MODELS, () => {});

    beforeAll(async () => {
      [stack, server] = await Promise.all([startStack(), backend.start()]);
      queues = openQueues(server.url, { logger: stack.logger });
    });
    beforeEach(() => start());
    afterEach(() => recorder.close());
    afterAll(async () => {
      await queues?.close();
      await server?.stop();
      await stack?.stop();
    });

    function start(installed = models): void {
      metrics = createMetrics("test");
      recorder = startRecorder({
        ...{ ...stack, queues, metrics, models: installed, outcomeKeys, tracing: NO_TRACING },
      });
    }

    async function send(...messages: readonly object[]): Promise<void> {
      const jobs = messages.map((data) => ({ id: `r${newId()}`, data }));
      await queues.streams.append(RESULTS_STREAM, jobs);
      sent += messages.length;
      await eventually(
        "the messages are settled",
        async () => (await queues.streams.unsettled(RESULTS_STREAM)).size === 0,
      );
    }

    const task = (id: TaskId | undefined) =>
      stack.db
        .selectFrom("task")
        .selectAll()
        .where("id", "=", id as TaskId)
        .executeTakeFirstOrThrow();
    const study = (id: string) =>
      stack.db
        .selectFrom("study")
        .selectAll()
        .where("id", "=", id as never)
        .executeTakeFirstOrThrow();
    const predictions = (id: TaskId | undefined) =>
      stack.db
        .selectFrom("prediction")
        .selectAll()
        .where("task_id", "=", id as TaskId)
        .execute();
    const seedTask = async () => (await seedStudy(stack.db)).tasks[0] as TaskId;
    const metric = async (name: string) =>
      (await metrics.registry.getSingleMetricAsString(name)).replaceAll(/,?service="test",?/g, "");

    it("writes prediction, task, run and study in one transaction", async () => {
      const seeded = await seedStudy(stack.db, { models: ["tiny-brain", "other"] });
      const [first, second] = seeded.tasks;
      await send(await doneMessage(stack, first as TaskId));
      expect((await study(seeded.study)).state).toBe("closed");
      await send({ kind: "refused", task: second, attempt: 1, code: "undecodable" });
      expect((await task(first)).state).toBe("done");
      expect((await task(second)).state).toBe("refused");
      const [prediction] = await predictions(first);
      expect(prediction).toMatchObject({ label: "dark", probability: 0.7, provider: "cpu" });
      expect(prediction?.persist_ms).toBeGreaterThan(0);
      expect((await study(seeded.study)).state).toBe("complete");
      const refusals = await stack.db
        .selectFrom("refusal")
        .selectAll()
        .where("run_id", "=", seeded.run)
        .execute();
      expect(refusals).toMatchObject([{ code: "undecodable", model_id: "other" }]);
      expect(await metric("axial_results_total")).toContain('model="tiny-brain",label="dark"');
      expect(await metric("axial_refusals_total")).toContain('code="undecodable"');
      expect(await metric("axial_task_stage_seconds")).toContain('stage="persist"');
    });

    it("makes one result of a message that comes five times", async () => {
      const { tasks } = await seedStudy(stack.db);
      const message = await doneMessage(stack, tasks[0] as TaskId);
      await send(message, message, message);
      await send(message, message);
      expect(await predictions(tasks[0])).toHaveLength(1);
      expect(await metric("axial_stale_results_total")).toMatch(/} 4$/m);
    });

    it("drops what a zombie of an earlier attempt says", async () => {
      const { tasks, run } = await seedStudy(stack.db);
      const id = tasks[0] as TaskId;
      await stack.db.updateTable("task").set({ attempt: 2 }).where("id", "=", id).execute();
      await send(
        await doneMessage(stack, id),
        { kind: "failed", task: id, attempt: 1, code: "engine-crashed", isolate: true },
        { kind: "refused", task: id, attempt: 1, code: "undecodable" },
      );
      expect(await task(id)).toMatchObject({ state: "dispatched", attempt: 2, failures: 0 });
      await send(await doneMessage(stack, id, { attempt: 2 }));
      expect(await predictions(id)).toMatchObject([{ attempt: 2 }]);
      await send(await doneMessage(stack, id));
      const [left] = await stack.db.selectFrom("run").selectAll().where("id", "=", run).execute();
      expect(left).toMatchObject({ unfinished: 0, state: "complete" });
    });

    it("tries again with growing pauses, then lets a task rest as dead with its history", async () => {
      const { tasks, study: id } = await seedStudy(stack.db);
      const one = tasks[0] as TaskId;
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        await stack.db
          .updateTable("task")
          .set({ state: "dispatched", attempt })
          .where("id", "=", one)
          .execute();
        await send({ kind: "failed", task: one, attempt, code: "inference-failed", detail: "d" });
        const now = await task(one);
        expect(now.state).toBe(attempt < MAX_ATTEMPTS ? "pending" : "dead");
        expect(now.failures).toBe(attempt);
      }
      const dead = await task(one);
      expect(dead.history.map((past) => past.attempt)).toEqual([1, 2, 3, 4, 5]);
      expect(dead).toMatchObject({ error_code: "inference-failed", error_detail: "d" });
      expect((await study(id)).state).toBe("failed");
    });

    it("lets no retry wait for what never passes", async () => {
      const { tasks } = await seedStudy(stack.db);
      await send({ kind: "failed", task: tasks[0], attempt: 1, code: "golden-mismatch" });
      expect(await task(tasks[0])).toMatchObject({ state: "dead", failures: 1 });
    });

    it("isolates a task that crashed an engine, and ends it when it does so twice alone", async () => {
      const { tasks } = await seedStudy(stack.db);
      const one = tasks[0] as TaskId;
      const crash = { kind: "failed", task: one, code: "engine-crashed", isolate: true };
      const crashAgain = async (attempt: number) => {
        const change = { state: "running", attempt } as const;
        await stack.db.updateTable("task").set(change).where("id", "=", one).execute();
        await send({ ...crash, attempt });
        return task(one);
      };
      expect(await crashAgain(1)).toMatchObject({ state: "pending", isolate: true, failures: 0 });
      expect(await crashAgain(2)).toMatchObject({ state: "pending", failures: 1 });
      expect(await crashAgain(3)).toMatchObject({ state: "dead", failures: 2 });
    });

    it("lets no crash, however often, end a task that had company or never began", async () => {
      const { tasks } = await seedStudy(stack.db);
      const one = tasks[0] as TaskId;
      for (let attempt = 1; attempt <= 2 * MAX_ATTEMPTS; attempt += 1) {
        const change = { state: "running", attempt } as const;
        await stack.db.updateTable("task").set(change).where("id", "=", one).execute();
        const code = attempt % 2 === 0 ? "engine-hung" : "storage-unavailable";
        await send({ kind: "failed", task: one, attempt, code });
      }
      expect(await task(one)).toMatchObject({ state: "pending", failures: 0, isolate: false });
    });

    it("tries again where the model's package is not installed here yet", async () => {
      await recorder.close();
      start(new ModelCatalogue(await mkdtemp(join(tmpdir(), "axial-no-models-")), () => {}));
      const one = await seedTask();
      await send(await doneMessage(stack, one));
      const waits = { state: "pending", failures: 0, error_code: "package-missing" };
      expect(await task(one)).toMatchObject(waits);
    });

    it("does not count a drained worker against the task", async () => {
      const { tasks } = await seedStudy(stack.db);
      await send({ kind: "failed", task: tasks[0], attempt: 1, code: "shutting-down" });
      expect(await task(tasks[0])).toMatchObject({ state: "pending", failures: 0 });
    });

    it("makes a typed failure of a result that cannot be read", async () => {
      const { tasks } = await seedStudy(stack.db, { models: ["tiny-brain", "b", "c"] });
      const missing = "f".repeat(64) as BlobKey;
      const garbage = await stack.blobs.put(new TextEncoder().encode("{"));
      const times = { takenAt: Date.now(), finishedAt: Date.now() };
      const done = (index: number, result: BlobKey): ResultMessage => ({
        kind: "done",
        task: tasks[index] as TaskId,
        attempt: 1,
        result,
        ...times,
      });
      const stolen = await doneMessage(stack, tasks[0] as TaskId);
      await send(done(0, missing), done(1, garbage), {
        ...stolen,
        task: tasks[2],
      } as ResultMessage);
      const codes = await Promise.all(tasks.map(async (id) => (await task(id)).error_code));
      expect(codes).toEqual(["blob-missing", "blob-corrupt", "blob-corrupt"]);
    });

    it("records the neighbours of a message that the database refuses", async () => {
      const [good, bad] = [await seedTask(), await seedTask()];
      await sql`ALTER TABLE prediction ADD CONSTRAINT within CHECK (wait_ms < 1e9)`.execute(
        stack.db,
      );
      await send(
        { nonsense: true },
        { ...(await doneMessage(stack, bad)), takenAt: Number.MAX_SAFE_INTEGER },
        await doneMessage(stack, good),
      );
      expect((await task(good)).state).toBe("done");
      expect(await task(bad)).toMatchObject({ state: "pending", error_code: "internal" });
      expect(stack.logged()).toContain("not a result message");
      await sql`ALTER TABLE prediction DROP CONSTRAINT within`.execute(stack.db);
    });

    it("does not complete a study whose newer run is unfinished", async () => {
      const seeded = await seedStudy(stack.db);
      const second = newId<RunId>();
      const [late] = await seedRun(stack.db, {
        ...seeded,
        run: second,
        number: 2,
        tenant: TENANT,
        lane: "routine",
        models: ["tiny-brain"],
      });
      await send(await doneMessage(stack, seeded.tasks[0] as TaskId));
      expect((await study(seeded.study)).state).toBe("closed");
      await send(await doneMessage(stack, late as TaskId));
      expect((await study(seeded.study)).state).toBe("complete");
    });

    it("keeps the newest announcement of a worker", async () => {
      const at = Date.now() - 1_000;
      const said = { kind: "worker", worker: "w1", models: ["tiny-brain"], provider: "cpu" };
      await send({ ...said, capacity: 8, at }, { ...said, capacity: 4, at: at - 500 });
      await send({ ...said, capacity: 2, at: at - 900 });
      const [worker] = await stack.db.selectFrom("worker").selectAll().execute();
      expect(worker).toMatchObject({ capacity: 8, models: ["tiny-brain"] });
    });

    it("counts a worker for the lanes that it serves, and one that names none for all", async () => {
      const said = { kind: "worker", models: ["tiny-brain"], provider: "cpu", at: Date.now() };
      const { capacity: before } = await readOutlook(stack.db);
      await send(
        { ...said, worker: "old", capacity: 3 },
        { ...said, worker: "nights", capacity: 50, lanes: ["backfill"] },
      );
      const { capacity: after } = await readOutlook(stack.db);
      expect(after.stat - before.stat).toBe(3);
      expect(after.backfill - before.backfill).toBe(53);
    });

    it("waits for a database that cuts its connections, and records then", async () => {
      const seeded = await Promise.all(Array.from({ length: 8 }, () => seedStudy(stack.db)));
      const messages = await Promise.all(
        seeded.map(({ tasks }) => doneMessage(stack, tasks[0] as TaskId)),
      );
      const sending = send(...messages);
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(stack.db);
      await sending;
      for (const { tasks } of seeded) expect(await predictions(tasks[0])).toHaveLength(1);
    });

    it("takes again what a recorder that died had not committed", async () => {
      await recorder.close();
      const { tasks } = await seedStudy(stack.db);
      const message = await doneMessage(stack, tasks[0] as TaskId);
      const adding = queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data: message }]);
      await adding;
      start();
      await eventually("recorded", async () => (await task(tasks[0])).state === "done");
    });

    it("compares a result with the package and the input before it believes it", async () => {
      const { tasks } = await seedStudy(stack.db);
      const id = tasks[0] as TaskId;
      const result = taskResult(id, { slices: [{ ...SLICE, sopInstanceUid: "9.9" }] });
      const message = await doneMessage(stack, id, { result });
      await giveInput(stack, taskInput(taskResult(id)));
      await send(message);
      const failed = await task(id);
      expect(failed).toMatchObject({ error_code: "result-mismatch", error_detail: "slices" });
      expect(await predictions(id)).toEqual([]);
    });

    it("believes only what a key of the pool signed, the next key's worker too", async () => {
      await recorder.close();
      outcomeKeys = poolKeys(`${"o".repeat(32)}, ${"n".repeat(32)}`);
      const [old, next] = outcomeKeys as [PoolKey, PoolKey];
      const [other] = poolKeys("x".repeat(32)) as [PoolKey];
      start();
      try {
        const [first, second] = [await seedTask(), await seedTask()];
        const third = await seedTask();
        const signed = async (id: TaskId, key: PoolKey) =>
          signMessage(await doneMessage(stack, id), { worker: "w", key });
        const stolen = await signed(first, old);
        await send(
          await signed(first, old),
          await signed(second, next),
          await doneMessage(stack, third),
          await signed(third, other),
          { ...stolen, task: third },
          { ...(await signed(third, old)), signature: { ...stolen.signature, worker: "v" } },
        );
        expect(await predictions(first)).toHaveLength(1);
        expect(await predictions(second)).toHaveLength(1);
        expect(await task(third)).toMatchObject({ state: "dispatched", failures: 0 });
        expect(await metric("axial_outcomes_forged_total")).toMatch(/ 4$/m);
      } finally {
        outcomeKeys = [];
      }
    });

    it("logs nothing of a patient", () => {
      expect(sent).toBeGreaterThan(0);
      expect(stack.logged()).not.toMatch(/2\.25\.|Dark image/);
    });
  });
}
