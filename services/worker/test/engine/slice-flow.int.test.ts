import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxialError } from "@axial/contracts";
import {
  copyTinyModel,
  eventually,
  type ModelCopy,
  phantomSeries,
  TINY_MODELS,
} from "@axial/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DecodePool } from "../../src/engine/decode/decode-pool.ts";
import { EngineStats } from "../../src/engine/engine-stats.ts";
import { type BatchDevice, SliceFlow } from "../../src/engine/slice-flow.ts";
import type { SeenSlices, SeeRequest } from "../../src/engine/slice-work.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";

const MEGABYTE = 1 << 20;
const OPTIONS = {
  source: { kind: "files" },
  providers: ["cpu"],
  device: 0,
  tensorrtCache: null,
  models: {},
  cpus: 1,
  sessions: 1,
  sessionThreads: 1,
  decodeThreads: 1,
  batchImages: 4,
  batchBytes: MEGABYTE,
  arenaBytes: MEGABYTE,
} as const;

describe("slices on their way through the engine", () => {
  let folder: string;
  let paths: string[];
  let copy: ModelCopy | undefined;
  let stages: Stages;

  async function open(packages: string[]): Promise<void> {
    const opened = await openStages({ ...OPTIONS, packages });
    if ("failures" in opened) throw new Error(JSON.stringify(opened.failures));
    stages = opened;
  }

  /** A flow over the same models and decoders, on another device. */
  function flowOn(device: BatchDevice): { flow: SliceFlow; close(): Promise<void> } {
    const { models, stats } = stages;
    const decoders = new DecodePool({ threads: 1, models, source: OPTIONS.source });
    return {
      flow: new SliceFlow({ models, decoders, device, stats, statApart: true }),
      close: () => decoders.close(),
    };
  }

  function request(sources: readonly string[], about: Partial<SeeRequest> = {}): SeeRequest {
    const [model] = stages.models;
    if (model === undefined) throw new Error("no model");
    const slices = sources.map((source) => ({ source, frame: 0, kind: "dicom" as const }));
    return { key: "task", model, lane: "routine", isolate: false, slices, ...about };
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-test-flow-"));
    const { files } = phantomSeries({ kind: "brain", slices: 6, size: 64 });
    paths = files.map((_, index) => join(folder, `${index}.dcm`));
    await Promise.all(files.map((bytes, index) => writeFile(paths[index] ?? "", bytes)));
  });
  afterEach(async () => {
    await stages.close();
    await copy?.remove();
    copy = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const TINY = [join(TINY_MODELS, "tiny-brain/1.0.0")];

  it("leave no slot taken, however many tasks come at once", async () => {
    await open(TINY);
    const { flow, models } = stages;
    const slots = models[0]?.slots ?? 0;
    const lanes = ["stat", "routine", "backfill"] as const;
    for (let task = 0; task < 4 * slots; task += lanes.length) {
      const sources = paths.slice(0, 1 + (task % paths.length));
      const all = lanes.map((lane) => flow.see(request(sources, { key: `${task}${lane}`, lane })));
      for (const { slices } of await Promise.all(all)) expect(slices).toHaveLength(sources.length);
    }
  });

  it("share batches with the slices of other tasks, and come out as they would alone", async () => {
    await open(TINY);
    const { flow } = stages;
    const alone = await flow.see(request(paths));
    const together = await Promise.all(
      ["a", "b", "c"].map((key) => flow.see(request(paths, { key }))),
    );
    for (const seen of together) {
      expect(probabilities(seen)).toEqual(probabilities(alone));
    }
    const batches = stages.stats.take().batches;
    expect(batches.reduce((sum, { images }) => sum + images, 0)).toBe(24);
  });

  it("share no batch when their task is isolated", async () => {
    await open(TINY);
    const [isolated] = await Promise.all([
      stages.flow.see(request(paths.slice(0, 3), { key: "a", isolate: true })),
      stages.flow.see(request(paths.slice(3), { key: "b" })),
    ]);
    expect(Math.max(...isolated.batchSizes)).toBeLessThanOrEqual(3);
  });

  it("go into one batch when the model sees a series as a whole", async () => {
    copy = await copyTinyModel({ manifest: (m) => (m.aggregation.kind = "in-graph") });
    await open([copy.folder]);
    const [seen] = await Promise.all([
      stages.flow.see(request(paths.slice(0, 4), { key: "a" })),
      stages.flow.see(request(paths.slice(2, 6), { key: "b" })),
    ]);
    expect(seen.batchSizes).toEqual([4]);
    const many = request([...paths, ...paths, ...paths, ...paths]);
    await expect(stages.flow.see(many)).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  it("fail their task when their source is missing: that is not the input's fault", async () => {
    await open(TINY);
    const seeing = stages.flow.see(request([...paths, join(folder, "gone.dcm")]));
    await expect(seeing).rejects.toMatchObject({ code: "blob-missing" });
    expect(probabilities(await stages.flow.see(request(paths)))).toHaveLength(6);
  });

  /** A flow whose decoding can be watched; `onDecoded` is told after each chunk. */
  function watchedFlow(device: BatchDevice, onDecoded = () => {}) {
    const { models, stats } = stages;
    const decoders = new DecodePool({ threads: 1, models, source: OPTIONS.source });
    const decoded = { slices: 0 };
    const submit = decoders.submit.bind(decoders);
    decoders.submit = (model, items, done) => {
      submit(model, items, (failures) => {
        done(failures);
        decoded.slices += items.length;
        onDecoded();
      });
    };
    const flow = new SliceFlow({ models, decoders, device, stats, statApart: true });
    return { flow, decoded, close: () => decoders.close() };
  }

  it("stop at once when they are withdrawn, and free their slots", async () => {
    await open(TINY);
    const { device, models } = stages;
    const slots = models[0]?.slots ?? 0;
    const roomForRoutine = slots - Math.floor(slots / 4);
    let gate = Promise.withResolvers<void>();
    let running = 0;
    const held: BatchDevice = {
      get free() {
        return running === 0;
      },
      run: async (batch) => {
        running++;
        await gate.promise;
        return device.run(batch).finally(() => running--);
      },
    };
    const { flow, decoded, close } = watchedFlow(held);
    const many = Array.from({ length: slots }, () => paths).flat();
    for (let round = 1; round <= 3; round++) {
      const withdrawal = new AbortController();
      const unwanted = flow.see(request(many, { signal: withdrawal.signal }));
      // A place that an earlier round had kept would be missing now.
      await eventually("all places are taken", () => decoded.slices === round * roomForRoutine);
      withdrawal.abort(new AxialError("withdrawn"));
      await expect(unwanted).rejects.toMatchObject({ code: "withdrawn" });
      gate.resolve();
      expect(probabilities(await flow.see(request(paths, { key: "next" })))).toHaveLength(6);
      decoded.slices -= paths.length;
      gate = Promise.withResolvers<void>();
    }
    await close();
  });

  it("of a series that is seen as a whole stop too, those that were gathered as well", async () => {
    copy = await copyTinyModel({ manifest: (m) => (m.aggregation.kind = "in-graph") });
    await open([copy.folder]);
    const slots = stages.models[0]?.slots ?? 0;
    let withdrawal = new AbortController();
    const { flow, close } = watchedFlow(stages.device, () =>
      withdrawal.abort(new AxialError("withdrawn")),
    );
    for (let round = 0; round < 5; round++) {
      withdrawal = new AbortController();
      const seeing = flow.see(request(paths, { signal: withdrawal.signal }));
      await expect(seeing).rejects.toMatchObject({ code: "withdrawn" });
    }
    const all = Array.from({ length: slots }, (_, index) => paths[index % paths.length] ?? "");
    const { slices } = await flow.see(request(all, { lane: "stat" }));
    expect(slices).toHaveLength(slots);
    await close();
  });

  it("run in halves when the device has no memory for all of them, and are not tried again", async () => {
    await open(TINY);
    const { device, stats } = stages;
    const tried: number[] = [];
    const small: BatchDevice = {
      get free() {
        return device.free;
      },
      run: async (batch) => {
        tried.push(batch.slots.length);
        if (batch.slots.length > 2) throw new AxialError("out-of-memory");
        return device.run(batch);
      },
    };
    const { flow, close } = flowOn(small);
    const whole = await stages.flow.see(request(paths));
    const seeing = () =>
      Promise.all(["a", "b", "c", "d"].map((key) => flow.see(request(paths, { key }))));
    for (const seen of await seeing()) expect(probabilities(seen)).toEqual(probabilities(whole));
    expect(tried.filter((images) => images > 2).length).toBeGreaterThan(0);
    tried.length = 0;
    stats.take();
    await seeing();
    expect(Math.max(...tried)).toBe(2);
    const limits = stats.take().batches.map(({ limitedBy }) => limitedBy);
    expect(limits).toContain("memory");
    expect(limits).not.toContain("full");
    await close();
  });

  it("fail alone when one of them breaks the batch", async () => {
    await open(TINY);
    const { models, device } = stages;
    let poison: number | undefined;
    const [model] = models;
    const brittle: BatchDevice = {
      get free() {
        return device.free;
      },
      run: async (batch) => {
        const arena = new Uint8Array(model?.arena ?? new SharedArrayBuffer(0));
        const bytes = model?.sampleBytes ?? 0;
        const sums = batch.slots.map((slot) =>
          arena.subarray(slot * bytes, (slot + 1) * bytes).reduce((a, b) => a + b, 0),
        );
        poison ??= sums[0];
        if (sums.includes(poison ?? Number.NaN)) throw new AxialError("inference-failed");
        return device.run(batch);
      },
    };
    const { flow, close } = flowOn(brittle);
    const outcomes = await Promise.allSettled(
      paths.map((path, index) => flow.see(request([path], { key: `task ${index}` }))),
    );
    const failed = outcomes.filter(({ status }) => status === "rejected");
    expect(failed).toHaveLength(1);
    await close();
  });
});

describe("the engine's counts", () => {
  it("start again after each report", () => {
    const stats = new EngineStats();
    stats.batchStarted();
    stats.batchStarted();
    stats.batchRan("m", { images: 3, limitedBy: "full" });
    stats.batchRan("m", { images: 4, limitedBy: "full" });
    stats.batchEnded();
    expect(stats.take()).toMatchObject({
      batches: [{ model: "m", limitedBy: "full", batches: 2, images: 7 }],
      batchesRunning: 1,
      batchesEnded: 1,
    });
    expect(stats.take()).toMatchObject({ batches: [], batchesRunning: 1, batchesEnded: 0 });
    stats.close();
  });
});

function probabilities(seen: SeenSlices): number[][] {
  return seen.slices.map(({ outputs }) =>
    Array.from(outputs?.probabilities?.values ?? [], (value) => Math.round(value * 1e4) / 1e4),
  );
}
