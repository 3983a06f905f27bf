import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copyTinyModel, eventually, type ModelCopy, needs, queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { residentBytesOf } from "./resident-bytes.ts";
import { type Surroundings, surroundings } from "./surroundings.ts";
import { HANGS_AFTER_MS, type WorkerProcess } from "./worker-process.ts";

/** Work of seconds on an idle machine: the engine is still at it when it is replaced. */
const MANY_SLICES = 4_000;
const RELOADS = 14;
/** Reloads whose median is compared: single ones differ by 2 %, as the allocator happens to keep. */
const COMPARED = 3;
/** Ten reloads lie in between: what leaks 2 MB at each is found. */
const NOISE = 1.05;

/** Puts another version of the copied model beside it, whole at once. */
async function addVersion(model: ModelCopy, version: string, edit = (golden: string) => golden) {
  const made = `${model.root}-${version}`;
  await cp(model.folder, made, { recursive: true });
  const manifest = JSON.parse(await readFile(join(made, "model.json"), "utf8"));
  await writeFile(join(made, "model.json"), JSON.stringify({ ...manifest, version }));
  const golden = join(made, "golden.json");
  await writeFile(golden, edit(await readFile(golden, "utf8")));
  const folder = join(dirname(model.folder), version);
  await rename(made, folder);
  return folder;
}

function spoiled(golden: string): string {
  const json = JSON.parse(golden);
  json.cases[0].outputs.probabilities[1] -= 0.5;
  return JSON.stringify(json);
}

describe("a worker whose models change", { timeout: 2 * HANGS_AFTER_MS }, () => {
  let world: Surroundings;
  let model: ModelCopy;
  let worker: WorkerProcess;

  beforeAll(async () => {
    const [backend] = queueBackends();
    if (backend === undefined) throw new Error("no queue backend");
    world = await surroundings(backend);
    model = await copyTinyModel();
    worker = await world.startWorker({
      AXIAL_MODELS_DIR: model.root,
      AXIAL_WORKER_MODELS_SECONDS: "1",
    });
    await worker.ready();
  }, 2 * HANGS_AFTER_MS);
  afterAll(async () => {
    await world?.close();
    await model?.remove();
  });

  const reloads = () => worker.log.filter((line) => line.includes("models reloaded")).length;

  it("goes on with what it had when the new version does not verify, and says why", async () => {
    const old = worker.enginePid();
    const bad = await addVersion(model, "1.1.0", spoiled);
    onTestFinished(() => rm(bad, { recursive: true, force: true }));
    const note = await eventually(
      "it says why",
      async () => {
        const { notes } = await worker.readiness();
        return notes.find(({ name }) => name === "engine")?.note;
      },
      HANGS_AFTER_MS,
    );
    expect(note).toMatch(/models not reloaded: golden-mismatch: tiny-brain 1\.1\.0.*off by 0\.5/);
    expect(await worker.metrics()).toMatch(/axial_models_refused\{[^}]*\} 1/);
    expect((await worker.readiness()).status).toBe("ok");
    expect((await world.result(await world.dispatch())).model.version).toBe("1.0.0");
    expect(worker.enginePid()).toBe(old);
    await rm(bad, { recursive: true });
    await eventually(
      "it is content again",
      async () => {
        return (await worker.readiness()).notes.length === 0;
      },
      HANGS_AFTER_MS,
    );
    expect(await worker.metrics()).toMatch(/axial_models_refused\{[^}]*\} 0/);
  });

  it("serves a new version, and finishes on the old engine what that had begun", async () => {
    const before = reloads();
    const old = worker.enginePid();
    const long = await world.dispatch({ slices: MANY_SLICES });
    await eventually("the engine is at work", async () =>
      /axial_inference_total\{[^}]*\} [1-9]/.test(await worker.metrics()),
    );
    const waiting = await Promise.all(Array.from({ length: 40 }, () => world.dispatch()));
    await addVersion(model, "1.2.0");
    await eventually("the models are reloaded", () => reloads() === before + 1, HANGS_AFTER_MS);
    const fresh = await world.dispatch({ version: "1.2.0" });
    expect((await world.result(fresh)).model.version).toBe("1.2.0");
    for (const job of waiting) expect((await world.result(job)).slices).toHaveLength(4);
    expect((await world.result(long)).slices).toHaveLength(MANY_SLICES);
    expect(worker.enginePid()).not.toBe(old);
    await eventually("the old engine is gone", () => !isAlive(old), HANGS_AFTER_MS);
    expect(await worker.readiness()).toMatchObject({ status: "ok", notes: [] });
  });

  it(`holds as much memory after ${RELOADS} reloads as after a few`, {
    ...needs("linux"),
    timeout: 600_000,
  }, async () => {
    const before = reloads();
    const reload = async (times: number) => {
      worker.signal("SIGHUP");
      await eventually(
        "the models are reloaded",
        () => reloads() === before + times,
        HANGS_AFTER_MS,
      );
      const { task } = await world.dispatch();
      const done = () => world.messages.some((one) => one.kind === "done" && one.task === task);
      await eventually("the new engine works", done, HANGS_AFTER_MS);
      const oneEngine = async () => {
        const { processes, bytes } = await residentBytesOf(worker.pid);
        return processes === 2 && bytes;
      };
      return eventually("one engine is left", oneEngine, HANGS_AFTER_MS);
    };
    const held: number[] = [];
    for (let times = 1; times <= RELOADS; times++) held.push(await reload(times));
    // The first one still fills caches.
    const first = median(held.slice(1, 1 + COMPARED));
    expect(median(held.slice(-COMPARED)) / first).toBeLessThan(NOISE);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
