import { asAxialError, type Failure, LANES, type Lane } from "@axial/contracts";
import { type Batch, Batcher, type BatchItem } from "./batcher.ts";
import type { DecodePool } from "./decode/decode-pool.ts";
import type { Prepared } from "./decode/messages.ts";
import type { BatchRun, Device } from "./device/device.ts";
import type { Outputs } from "./device/messages.ts";
import type { EngineStats } from "./engine-stats.ts";
import type { InstalledModel } from "./installed-models.ts";
import { type SeenSlices, type SeeRequest, type SliceOutputs, SliceWork } from "./slice-work.ts";
import { Slots } from "./slots.ts";

/** Slices that travel to a decode thread together. */
const CHUNK = 4;
/** Frames of one file do, up to this many, so that it is read and parsed once. */
const FRAMES_CHUNK = 32;

interface Item extends BatchItem {
  readonly work: SliceWork;
  /** Indices of the slices, and the slot of each. */
  readonly slices: readonly number[];
  readonly slots: readonly number[];
}

/** The part of a device that the flow uses. */
export type BatchDevice = Pick<Device, "free" | "run">;

interface SliceFlowDependencies {
  readonly models: readonly InstalledModel[];
  readonly decoders: DecodePool;
  readonly device: BatchDevice;
  readonly stats: EngineStats;
  /** A batch with STAT holds nothing else. */
  readonly statApart: boolean;
}

/**
 * Decode → batch → infer, across all tasks: slices of different tasks share batches, and the
 * stages overlap. What bounds it is the arenas: a slice is decoded only when its model has a
 * free slot, which it keeps until the batch that it was in has run.
 */
export class SliceFlow {
  readonly #decoders: DecodePool;
  readonly #device: BatchDevice;
  readonly #stats: EngineStats;
  readonly #models: readonly InstalledModel[];
  readonly #batcher: Batcher<Item>;
  readonly #slots: readonly Slots[];
  readonly #undecoded: Record<Lane, SliceWork[]> = { stat: [], routine: [], backfill: [] };
  /** Prepared slices of series that the model sees as a whole, until the last one is ready. */
  readonly #gathering = new Map<SliceWork, { slices: number[]; slots: number[] }>();
  #delayed: NodeJS.Timeout | undefined;

  constructor({ models, decoders, device, stats, statApart }: SliceFlowDependencies) {
    this.#models = models;
    this.#decoders = decoders;
    this.#device = device;
    this.#stats = stats;
    this.#batcher = new Batcher(
      models.map(({ batchImages, weight, delayMs }) => ({
        maxImages: batchImages,
        weight,
        delayMs,
        statApart,
      })),
    );
    this.#slots = models.map((model) => new Slots(model.slots));
  }

  /**
   * Shows the slices to the model. A slice that cannot be decoded is among the seen ones with
   * its failure; rejects when the fault is not the input's, and when the slices are unwanted.
   */
  see(request: SeeRequest): Promise<SeenSlices> {
    const work = new SliceWork(request);
    const { signal } = request;
    signal?.addEventListener("abort", () => work.fail(asAxialError(signal.reason).toJSON()), {
      once: true,
    });
    work.promise.catch(() => this.#leave(work));
    if (work.whole && request.slices.length > request.model.slots) {
      const detail = `${request.slices.length} slices; the model takes ${request.model.slots}`;
      work.fail({ code: "limit-exceeded", detail });
      return work.promise;
    }
    this.#undecoded[request.lane].push(work);
    this.#decode();
    return work.promise;
  }

  /**
   * Frees the slots of waiting slices whose task failed or is unwanted; the device keeps its batch.
   */
  #leave(work: SliceWork): void {
    const { model } = work.request;
    const waiting = this.#batcher.remove(model.index, (item) => item.work === work);
    const gathered = this.#gathering.get(work)?.slots ?? [];
    this.#gathering.delete(work);
    this.#slotsOf(model.index).give([...waiting.flatMap(({ slots }) => slots), ...gathered]);
    this.#decode();
  }

  /** Feeds the decode threads as much as they and the arenas can take, STAT first. */
  #decode(): void {
    for (const lane of LANES) {
      const works = this.#undecoded[lane];
      for (let at = 0; at < works.length && this.#decoders.ready; ) {
        const work = works[at];
        if (work === undefined) break;
        while (!work.ended && this.#decoders.ready && this.#decodeChunk(work)) {}
        if (work.ended || work.next === work.request.slices.length) works.splice(at, 1);
        else at++;
      }
    }
  }

  /** Sends the next slices of `work` to a thread; false when there is no slot or slice left. */
  #decodeChunk(work: SliceWork): boolean {
    const { model, lane, slices } = work.request;
    const slots = this.#slotsOf(model.index);
    const count = Math.min(chunkSize(work), slots.available(lane));
    // Two series that each hold half of the arena would wait for each other for ever.
    const starved = work.whole && work.next === 0 && slots.available(lane) < slices.length;
    if (count === 0 || starved) return false;
    const first = work.next;
    work.next += count;
    const taken = slots.take(count);
    const items = slices
      .slice(first, work.next)
      .map((slice, index) => ({ ...slice, slot: taken[index] ?? 0 }));
    this.#decoders.submit(model.index, items, (prepared) => {
      prepared.forEach((outcome, index) => {
        this.#prepared(work, { slice: first + index, slot: taken[index] ?? 0, outcome });
      });
      this.#decode();
      this.#infer();
    });
    return true;
  }

  #prepared(
    work: SliceWork,
    { slice, slot, outcome }: { slice: number; slot: number; outcome: Prepared },
  ): void {
    const { model } = work.request;
    const failure = "failure" in outcome ? outcome.failure : null;
    if (failure !== null) this.#stats.skipped(failure.code);
    if (failure !== null || work.ended) this.#slotsOf(model.index).give([slot]);
    work.slicePrepared(slice, outcome);
    if (work.whole) this.#gather(work, failure === null ? { slice, slot } : null);
    else if (failure === null && !work.ended) this.#enqueue(work, [slice], [slot]);
  }

  #gather(work: SliceWork, ready: { slice: number; slot: number } | null): void {
    const gathered = this.#gathering.get(work) ?? { slices: [], slots: [] };
    this.#gathering.set(work, gathered);
    if (ready !== null && !work.ended) {
      gathered.slices.push(ready.slice);
      gathered.slots.push(ready.slot);
    }
    if (!work.prepared && !work.ended) return;
    this.#gathering.delete(work);
    if (work.ended) this.#slotsOf(work.request.model.index).give(gathered.slots);
    else this.#enqueue(work, ...inOrder(gathered));
  }

  #enqueue(work: SliceWork, slices: readonly number[], slots: readonly number[]): void {
    const { model, lane, key } = work.request;
    this.#batcher.add({
      model: model.index,
      lane,
      images: slices.length,
      readyAt: performance.now(),
      ...(work.alone || work.whole ? { alone: key } : {}),
      work,
      slices,
      slots,
    });
  }

  /** Starts batches while the device is free; looks again when a delayed batch is due. */
  #infer(): void {
    clearTimeout(this.#delayed);
    while (this.#device.free) {
      const now = performance.now();
      const batch = this.#batcher.next(now);
      if (batch === null) {
        const dueAt = this.#batcher.dueAt();
        if (dueAt !== null) this.#delayed = setTimeout(() => this.#infer(), dueAt - now);
        return;
      }
      void this.#run(batch);
    }
  }

  async #run(batch: Batch<Item>): Promise<void> {
    const slots = batch.items.flatMap((item) => item.slots);
    for (const work of worksOf(batch)) work.batchStarted(batch.images);
    this.#stats.batchStarted();
    try {
      const run = await this.#device.run({ model: batch.model, slots });
      this.#batcher.charge(batch.model, run.milliseconds);
      this.#stats.batchRan(this.#modelOf(batch.model).manifest.id, batch);
      this.#slotsOf(batch.model).give(slots);
      handOut(batch, run);
    } catch (error) {
      this.#batchFailed(batch, asAxialError(error, "inference-failed").toJSON());
    } finally {
      this.#stats.batchEnded();
    }
    this.#infer();
    this.#decode();
  }

  /**
   * Out of memory: retries in halves. Another failure of several tasks: retries each alone, so that
   * only the offending one fails.
   */
  #batchFailed(batch: Batch<Item>, failure: Failure): void {
    const works = worksOf(batch);
    const smaller = failure.code === "out-of-memory" && batch.items.length > 1;
    if (smaller && this.#batcher.shrink(batch.model, batch.images)) {
      this.#putBack(batch.items);
    } else if (works.length > 1) {
      for (const work of works) work.alone = true;
      this.#putBack(batch.items.map((item) => ({ ...item, alone: item.work.request.key })));
    } else {
      this.#slotsOf(batch.model).give(batch.items.flatMap((item) => item.slots));
      for (const work of works) work.fail(failure);
    }
  }

  /** Items of a batch that could not run; those that became unwanted meanwhile make room. */
  #putBack(items: readonly Item[]): void {
    this.#batcher.putBack(items.filter(({ work }) => !work.ended));
    for (const { work, slots } of items) {
      if (work.ended) this.#slotsOf(work.request.model.index).give(slots);
    }
  }

  #slotsOf(model: number): Slots {
    const slots = this.#slots[model];
    if (slots === undefined) throw new RangeError(`no model ${model}`);
    return slots;
  }

  #modelOf(index: number): InstalledModel {
    const model = this.#models[index];
    if (model === undefined) throw new RangeError(`no model ${index}`);
    return model;
  }
}

function chunkSize({ next, request: { slices } }: SliceWork): number {
  const left = slices.length - next;
  if (left === 0) return 0;
  const source = slices[next]?.source;
  let same = 1;
  while (same < FRAMES_CHUNK && same < left && slices[next + same]?.source === source) same++;
  return Math.max(same, Math.min(CHUNK, left));
}

function worksOf(batch: Batch<Item>): SliceWork[] {
  return [...new Set(batch.items.map((item) => item.work))];
}

/** Slices as they lie in the series, whichever thread was first. */
function inOrder({ slices, slots }: { slices: number[]; slots: number[] }): [number[], number[]] {
  const order = slices.map((_, index) => index).sort((a, b) => (slices[a] ?? 0) - (slices[b] ?? 0));
  return [order.map((index) => slices[index] ?? 0), order.map((index) => slots[index] ?? 0)];
}

/** Each slice its row of every output. */
function handOut(batch: Batch<Item>, { outputs }: BatchRun): void {
  let row = 0;
  for (const { work, slices } of batch.items) {
    for (const slice of slices) work.sliceSeen(slice, rowOf(outputs, row++));
  }
}

function rowOf(outputs: Outputs, row: number): SliceOutputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, values }]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, values: values.subarray(row * size, (row + 1) * size) }];
    }),
  );
}
