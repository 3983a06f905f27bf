import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listModelPackages } from "@axial/inference";
import { phantomSeries, TINY_MODELS } from "@axial/testkit";
import { machineKey, readTuning, writeTuning } from "@axial/worker";
import { readConfig } from "@axial/worker/config";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { candidates } from "../../src/tune/candidates.ts";
import { type TuneOptions, tuneModel } from "../../src/tune/tune-model.ts";

const NEEDED = {
  AXIAL_QUEUE_URL: "redis://127.0.0.1",
  AXIAL_BLOB_URL: "file:///tmp/blobs",
  AXIAL_UNSIGNED_OUTCOMES: "on",
};
const ENTRY = { engines: 2, sessions: 3, sessionThreads: 1, batchImages: { "tiny-brain": 6 } };

describe("tuning", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-test-tune-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function options(): Promise<TuneOptions> {
    const { files } = phantomSeries({ kind: "brain", slices: 2, size: 64 });
    const paths = files.map((_, index) => join(folder, `${index}.dcm`));
    await Promise.all(paths.map((path, index) => writeFile(path, files[index] ?? "")));
    const [model = ""] = await listModelPackages(TINY_MODELS);
    return {
      folder: model,
      modelId: "tiny-brain",
      files: paths,
      images: 8,
      providers: "cpu",
      batchSizes: [1, 4],
      engines: [1],
      rounds: 1,
      file: join(folder, "tuning.json"),
    };
  }

  it("measures every way, and tells the worker the fastest", async () => {
    const wanted = await options();
    const steps: number[] = [];
    const { measured, best, machine } = await tuneModel({
      ...wanted,
      onProgress: (done) => steps.push(done),
    });
    expect(steps).toEqual(measured.map((_, index) => index + 1));
    expect(new Set(measured.map(({ batchImages }) => batchImages))).toEqual(new Set([1, 4]));
    for (const { imagesPerSecond } of measured) expect(imagesPerSecond).toBeGreaterThan(0);
    expect(best.imagesPerSecond).toBe(Math.max(...measured.map((one) => one.imagesPerSecond)));
    expect(readTuning(wanted.file ?? "", machine)?.batchImages).toEqual({
      "tiny-brain": best.batchImages,
    });
    const { engines } = readConfig({ ...NEEDED, AXIAL_WORKER_TUNING: wanted.file });
    expect(engines).toMatchObject(
      Array(best.engines).fill({
        sessions: best.sessions,
        sessionThreads: best.sessionThreads,
        models: { "tiny-brain": { batchImages: best.batchImages } },
      }),
    );
  });

  it("says which provider does not work here, and writes what was measured", async () => {
    const wanted = { ...(await options()), batchSizes: [1], providers: "cuda,cpu" };
    const { provider, unavailable, machine } = await tuneModel(wanted);
    if (provider === "cuda") return; // a machine that has one
    expect(provider).toBe("cpu");
    expect(unavailable).toMatchObject([{ provider: "cuda", reason: expect.stringMatching(/\w/) }]);
    expect(machine).toBe(machineKey("cpu"));
    expect(readTuning(wanted.file ?? "", machineKey("cuda"))).toBeNull();
    expect(readTuning(wanted.file ?? "", machine)).not.toBeNull();
  });

  it("keeps what other machines and other models have in the file", async () => {
    const file = join(folder, "tuning.json");
    writeTuning(file, "another machine", ENTRY);
    writeTuning(file, machineKey("cpu"), { ...ENTRY, batchImages: { other: 3 } });
    await tuneModel({ ...(await options()), batchSizes: [2] });
    expect(readTuning(file, "another machine")).toEqual(ENTRY);
    expect(readTuning(file, machineKey("cpu"))?.batchImages).toEqual({
      other: 3,
      "tiny-brain": 2,
    });
  });

  it("goes behind what the environment says", () => {
    const file = join(folder, "tuning.json");
    writeTuning(file, machineKey("cpu"), ENTRY);
    const { engines } = readConfig({
      ...NEEDED,
      AXIAL_WORKER_TUNING: file,
      AXIAL_WORKER_SESSIONS: "5",
      AXIAL_WORKER_BATCH_IMAGES: "7",
    });
    expect(engines).toHaveLength(2);
    expect(engines[0]).toMatchObject({ sessions: 5, batchImages: 7, models: {} });
  });

  it("is not read from a file that is something else", async () => {
    const file = join(folder, "tuning.json");
    await writeFile(file, "{}");
    const env = { ...NEEDED, AXIAL_WORKER_TUNING: file };
    expect(() => readConfig(env)).toThrow(/not a tuning file/);
    expect(await readFile(file, "utf8")).toBe("{}");
  });
});

describe("what is measured", () => {
  it("splits the CPUs between engines, sessions and threads, and wastes none", () => {
    const found = candidates({ cpus: 8, batchSizes: [4], engines: [1, 2] }, true);
    expect(found.map((one) => [one.engines, one.sessions, one.sessionThreads])).toEqual([
      [1, 8, 1],
      [1, 4, 2],
      [1, 2, 4],
      [1, 1, 8],
      [2, 4, 1],
      [2, 2, 2],
      [2, 1, 4],
    ]);
  });

  it("is one session per engine on a device", () => {
    const found = candidates({ cpus: 8, batchSizes: [1, 64], engines: [1] }, false);
    expect(found.map((one) => [one.sessions, one.sessionThreads, one.batchImages])).toEqual([
      [1, 1, 1],
      [1, 1, 64],
    ]);
  });
});
