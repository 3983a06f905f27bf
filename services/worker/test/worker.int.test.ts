import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeHeatMaps, type InferJob, inferJobId, type TaskResult } from "@axial/contracts";
import { listModelPackages, loadModelPackage, openSession } from "@axial/inference";
import {
  copyTinyModel,
  eventually,
  onlyIf,
  phantomSeries,
  queueBackends,
  skipNow,
  TINY_MODEL_ID,
  TINY_MODELS,
} from "@axial/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DISTINCT_SLICES, type Surroundings, surroundings } from "./surroundings.ts";
import { HANGS_AFTER_MS, type WorkerProcess } from "./worker-process.ts";

/** Work of seconds on an idle machine: the engine is still at it when it is killed. */
const MANY_SLICES = 6_000;
/** More than an engine can process before the withdrawal reaches it, on any machine. */
const FAR_TOO_MANY_SLICES = 60_000;

/** True where a device takes the tiny model: the tests of its absence are skipped there. */
async function hasWebgpu(): Promise<boolean> {
  const [folder = ""] = await listModelPackages(TINY_MODELS);
  const pkg = await loadModelPackage(folder);
  const opened = openSession(pkg, { providers: ["webgpu"], threads: 1 });
  return opened
    .then((session) => session.close())
    .then(
      () => true,
      () => false,
    );
}

for (const backend of queueBackends()) {
  const options = { ...backend.options, timeout: 2 * HANGS_AFTER_MS };
  describe(`a worker on ${backend.name}`, options, () => {
    let world: Surroundings;
    beforeAll(async () => {
      world = await surroundings(backend);
    });
    afterAll(() => world?.close());

    /** Dispatches a series, and resolves once the engine is at work on it. */
    async function begun(worker: WorkerProcess, slices: number): Promise<InferJob> {
      const before = await imagesOf(worker);
      const job = await world.dispatch({ slices });
      await eventually(
        "the engine is at work",
        async () => (await imagesOf(worker)) > before,
        HANGS_AFTER_MS,
      );
      return job;
    }

    function signalEngine(worker: WorkerProcess, signal: NodeJS.Signals): void {
      const pid = worker.enginePid();
      if (pid === undefined) throw new Error("no engine");
      process.kill(pid, signal);
    }

    /** The tasks of `jobs` that are done, in that order. */
    function doneOf(...jobs: readonly InferJob[]): readonly string[] {
      const tasks = jobs.map(({ task }) => task);
      return world.messages.flatMap((one) =>
        one.kind === "done" && tasks.includes(one.task) ? [one.task] : [],
      );
    }

    /** What the gateway says when the task of a job that is taken is taken back. */
    const withdraw = (job: InferJob) => world.queues.withdrawals.add([inferJobId(job)]);

    describe("that goes on from one test to the next", () => {
      let worker: WorkerProcess;
      beforeAll(async () => {
        worker = await world.startWorker();
        await worker.ready();
      }, 2 * HANGS_AFTER_MS);
      afterAll(() => world.clear());

      it("turns a series into a result blob and a message", async () => {
        const job = await world.dispatch({ slices: 4 });
        const result = await world.result(job);
        expect(result).toMatchObject({
          task: job.task,
          provider: "cpu",
          model: { id: "tiny-brain", version: "1.0.0", evidence: "research" },
          skipped: [],
        });
        expect(result.slices).toHaveLength(4);
        const [distribution] = result.distributions;
        const sum = Object.values(distribution?.probabilities ?? {}).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(1, 4);
        const [heatmap] = result.slices.map((slice) => slice.heatmap);
        if (heatmap === undefined) throw new Error("no heat map");
        expect(decodeHeatMaps(await world.blobs.get(heatmap)).maps).toHaveLength(4);
        await eventually("the job is completed", async () => {
          const [state] = await world.queues.jobs.states("infer-routine", [inferJobId(job)]);
          return state === "missing";
        });
        expect(await worker.metrics()).toContain('stage="infer",model="tiny-brain",lane="routine"');
        const announced = world.messages.some((message) => message.kind === "worker");
        expect(announced).toBe(true);
      });

      it("skips a slice that is damaged, and refuses a series of nothing else", async () => {
        const [good = Buffer.alloc(0)] = phantomSeries({
          kind: "brain",
          slices: 1,
          size: 64,
        }).files;
        const cut = good.subarray(0, good.length - 900);
        const result = await world.result(await world.dispatch({ files: [good, cut] }));
        expect(result.slices).toHaveLength(1);
        expect(result.skipped).toMatchObject([{ code: "truncated-pixel-data" }]);
        const refused = await world.outcome(await world.dispatch({ files: [cut] }));
        expect(refused).toMatchObject({ kind: "refused", code: "truncated-pixel-data" });
      });

      it("runs STAT work before the backfill that it already holds", async () => {
        const backfill = await world.dispatch({ lane: "backfill", slices: MANY_SLICES });
        const stat = await world.dispatch({ lane: "stat", slices: 2 });
        await Promise.all([world.outcome(stat), world.outcome(backfill)]);
        expect(doneOf(stat, backfill)).toEqual([stat.task, backfill.task]);
      });

      it("drops what has not started of a task that is taken back, and goes on with the next", async () => {
        const before = await imagesOf(worker);
        const job = await begun(worker, FAR_TOO_MANY_SLICES);
        const next = await world.dispatch({ slices: 2 });
        await withdraw(job);
        expect(await world.outcome(job)).toMatchObject({ kind: "failed", code: "withdrawn" });
        expect((await world.result(next)).slices).toHaveLength(2);
        expect((await imagesOf(worker)) - before).toBeLessThan(FAR_TOO_MANY_SLICES);
        expect(await worker.metrics()).toMatch(
          /axial_tasks_withdrawn_total\{[^}]*lane="routine"[^}]*\} 1/,
        );
        expect(worker.log.join()).not.toContain("engine lost");
        await eventually("the job is completed", async () => {
          const [state] = await world.queues.jobs.states("infer-routine", [inferJobId(job)]);
          return state === "missing";
        });
      });

      it("costs one attempt when the engine is killed in the middle of its work", async () => {
        const job = await begun(worker, MANY_SLICES);
        const behind = await world.dispatch({ slices: 2 });
        signalEngine(worker, "SIGKILL");
        const failed = await world.outcome(job);
        expect(failed).toMatchObject({ kind: "failed", code: "engine-crashed", isolate: true });
        // One that the engine had begun with pays an attempt too; one that only waited pays
        // nothing.
        const beside = (await world.outcome(behind)).kind === "done";
        const second = beside ? behind : await world.dispatch({ again: behind, isolate: true });
        expect((await world.result(second)).slices).toHaveLength(2);
        const again = await world.dispatch({ again: job, isolate: true });
        expect((await world.result(again)).slices).toHaveLength(MANY_SLICES);
        expect(worker.log.join()).toContain("engine lost");
      });
    });

    describe("of its own", () => {
      afterEach(() => world.clear());

      it("hands its jobs to another worker when it is killed", async () => {
        const worker = await world.startWorker();
        await worker.ready();
        const job = await world.dispatch({ slices: MANY_SLICES });
        await eventually("the job is taken", async () => {
          const [state] = await world.queues.jobs.states("infer-routine", [inferJobId(job)]);
          return state === "active";
        });
        worker.signal("SIGKILL");
        await world.startWorker();
        expect((await world.result(job)).slices).toHaveLength(MANY_SLICES);
      });

      it("finishes what runs on SIGTERM, takes nothing more, and exits with 0", async () => {
        const worker = await world.startWorker();
        await worker.ready();
        const job = await begun(worker, MANY_SLICES);
        worker.signal("SIGTERM");
        const late = await world.dispatch({ slices: 1 });
        expect(await worker.exited).toBe(0);
        expect((await world.result(job)).slices).toHaveLength(MANY_SLICES);
        const [state] = await world.queues.jobs.states("infer-routine", [inferJobId(late)]);
        const back = world.messages.some(
          (message) =>
            message.kind === "failed" &&
            message.task === late.task &&
            message.code === "shutting-down",
        );
        expect(state === "waiting" || back).toBe(true);
      });
    });

    // What is between the supervisor and its engines, or its disk, is the same whatever the queue:
    // a withdrawal that comes by the queue is tested on both above.
    if (backend.name !== "postgres") return;
    describe("and its engines", () => {
      afterEach(() => world.clear());

      it("gives tasks to the engine that has least to do, and loses only what one had begun", async () => {
        const worker = await world.startWorker({ AXIAL_WORKER_ENGINES: "2" });
        const [first] = await eventually("both engines serve", () => {
          const pids = worker.enginePids();
          return pids.length === 2 && pids;
        });
        const long = await begun(worker, MANY_SLICES);
        const short = await world.dispatch({ slices: 64 });
        const { slices } = await world.result(short);
        expect(doneOf(long, short)).toEqual([short.task]);
        // The series repeats its few slices: each comes out alike wherever it was batched.
        const seen = slices.map(({ probabilities }) => JSON.stringify(rounded(probabilities)));
        expect(new Set(seen).size).toBeLessThanOrEqual(DISTINCT_SLICES);
        process.kill(first ?? 0, "SIGKILL");
        expect(await world.outcome(long)).toMatchObject({ kind: "failed", code: "engine-crashed" });
        expect((await world.result(await world.dispatch({ slices: 2 }))).slices).toHaveLength(2);
        expect(worker.log.filter((line) => line.includes("engine lost"))).toHaveLength(1);
      });

      it("kills an engine that no longer answers", async () => {
        const worker = await world.startWorker({ AXIAL_WORKER_SILENCE_SECONDS: "2" });
        await worker.ready();
        const job = await begun(worker, MANY_SLICES);
        signalEngine(worker, "SIGSTOP");
        const failed = await world.outcome(job);
        expect(failed).toMatchObject({ kind: "failed", code: "engine-hung", isolate: true });
        await worker.ready();
      });

      it("counts a full disk against no task, and continues when there is room", async (context) => {
        if (world.disk.skip !== null) skipNow(context, world.disk.skip);
        const job = await world.dispatch({ slices: 2 });
        await world.disk.fill();
        await world.startWorker();
        expect(await world.outcome(job)).toMatchObject({
          kind: "failed",
          code: "storage-unavailable",
        });
        expect(await readdir(join(world.disk.folder, "incoming"))).toEqual([]);
        await world.disk.relieve();
        const again = await world.dispatch({ again: job });
        expect((await world.result(again)).slices).toHaveLength(2);
      });

      it("gives up at once a task that is taken back before the engine began with it", async () => {
        // Its batch waits for more than will come.
        const worker = await world.startWorker({
          AXIAL_WORKER_BATCH_DELAYS: `${TINY_MODEL_ID}=60000`,
        });
        await worker.ready();
        const busy = await world.dispatch({ slices: 2 });
        // An isolated task waits until nothing else runs.
        const waits = await world.dispatch({ slices: 2, isolate: true });
        await withdraw(waits);
        expect(await world.outcome(waits)).toMatchObject({ kind: "failed", code: "withdrawn" });
        const over = world.messages.some((one) => one.kind !== "worker" && one.task === busy.task);
        expect(over).toBe(false);
        await withdraw(busy);
        expect(await world.outcome(busy)).toMatchObject({ kind: "failed", code: "withdrawn" });
      });
    });
  });
}

/** Images that the worker's engines have seen. */
async function imagesOf(worker: WorkerProcess): Promise<number> {
  const [, images = "0"] =
    /axial_inference_total\{[^}]*\} (\d+)/.exec(await worker.metrics()) ?? [];
  return Number(images);
}

/** Three digits, as float32 in batches of any size agrees on. */
function rounded(probabilities: TaskResult["slices"][number]["probabilities"]): number[][] {
  const heads = Object.values(probabilities);
  return heads.map((values) => values.map((value) => Math.round(value * 1_000)));
}

const webgpu = await hasWebgpu();

describe("a worker that cannot be trusted", { timeout: 2 * HANGS_AFTER_MS }, () => {
  const [backend] = queueBackends();
  let world: Surroundings;
  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue backend");
    world = await surroundings(backend);
  });
  afterEach(() => world.clear());
  afterAll(() => world?.close());

  /** Starts a worker that stays unready, and returns the reason. */
  async function reasonOf(env: Record<string, string>): Promise<string> {
    const worker = await world.startWorker(env);
    const reason = await eventually("the engine says why", async () => {
      const { failures } = await worker.readiness();
      const found = failures.find(({ name }) => name === "engine")?.reason;
      return found === "the engine is starting" ? undefined : found;
    });
    const job = await world.dispatch();
    for (let look = 0; look < 5; look++) expect((await worker.readiness()).status).toBe("unready");
    const [state] = await world.queues.jobs.states("infer-routine", [inferJobId(job)]);
    expect(state).toBe("waiting");
    return reason;
  }

  it("is not ready with a wrong golden output, and says by how much", async () => {
    const model = await copyTinyModel({
      golden: (golden) => {
        golden.cases[0].outputs.probabilities[1] -= 0.5;
      },
    });
    const reason = await reasonOf({ AXIAL_MODELS_DIR: model.root });
    expect(reason).toMatch(/golden-mismatch: tiny-brain 1\.0\.0.*off by 0\.500/);
    await model.remove();
  });

  it("is not ready on the CPU when it was told to use a device", async () => {
    const reason = await reasonOf({ AXIAL_WORKER_PROVIDERS: "tensorrt,cpu" });
    expect(reason).toMatch(/provider-fallback: told to use tensorrt, tiny-brain runs on cpu/);
  });

  const noDevice = onlyIf(!webgpu, "a machine without WebGPU");
  it("is not ready without the WebGPU that it was told to use", noDevice, async () => {
    const fallen = await reasonOf({ AXIAL_WORKER_PROVIDERS: "webgpu,cpu" });
    expect(fallen).toMatch(/provider-fallback: told to use webgpu, tiny-brain runs on cpu/);
    const alone = await reasonOf({ AXIAL_WORKER_PROVIDERS: "webgpu" });
    expect(alone).toMatch(/provider-fallback: webgpu: \S/);
  });
});
