import { LANES, type Lane } from "@axial/contracts";
import type { BatchLimit } from "../protocol.ts";

/**
 * What waits for the device: one slice, or all slices of a task whose model sees a series as a
 * whole. `batchable` says which other items it may share a batch with.
 */
export interface BatchItem {
  readonly model: number;
  readonly lane: Lane;
  readonly images: number;
  /** Milliseconds of a monotonic clock. */
  readonly readyAt: number;
  /** Shares a batch only with items of the same value: its task runs alone. */
  readonly alone?: string;
}

export interface Batch<Item extends BatchItem> {
  readonly model: number;
  readonly items: readonly Item[];
  readonly images: number;
  readonly limitedBy: BatchLimit;
}

interface BatcherModel {
  /** Images that a batch may hold: the smaller of the limits in images and in bytes. */
  readonly maxImages: number;
  /** Share of the device among models that have work; 1 by default. */
  readonly weight?: number;
  /** A batch without STAT that is not full waits this long for more; 0 by default. */
  readonly delayMs?: number;
  /**
   * A batch with STAT holds nothing else: for a CPU, where every further image makes it that much
   * longer, while a device takes them along in nearly the same time. False by default.
   */
  readonly statApart?: boolean;
}

/** A backfill slice is treated as if it had arrived this much later. */
const BACKFILL_HANDICAP_MS = 2_000;

interface ModelQueue<Item extends BatchItem> {
  readonly lanes: Record<Lane, Item[]>;
  readonly weight: number;
  readonly delayMs: number;
  readonly statApart: boolean;
  readonly configured: number;
  maxImages: number;
  /** Device milliseconds used, divided by the weight: the model with the least goes next. */
  used: number;
}

/**
 * Forms batches from whatever is ready when the device is free; only a model that was given a
 * delay waits for more. STAT comes first, into the next batch whatever its model (invariant 7);
 * among the rest the model that had the least of the device goes, and inside a model the slice
 * that waited longest, with a handicap for backfill. Pure: no clock, no timers.
 */
export class Batcher<Item extends BatchItem> {
  readonly #models: ModelQueue<Item>[];

  constructor(models: readonly BatcherModel[]) {
    this.#models = models.map(({ maxImages, weight = 1, delayMs = 0, statApart = false }) => ({
      lanes: { stat: [], routine: [], backfill: [] },
      weight,
      delayMs,
      statApart,
      configured: maxImages,
      maxImages,
      used: 0,
    }));
  }

  add(item: Item): void {
    const model = this.#model(item.model);
    if (isIdle(model)) model.used = Math.max(model.used, this.#leastUsed());
    model.lanes[item.lane].push(item);
  }

  /** Returns items of a batch that could not run to their queues. */
  putBack(items: readonly Item[]): void {
    for (const item of items.toReversed()) {
      this.#model(item.model).lanes[item.lane].unshift(item);
    }
  }

  /** Removes and returns the items of a model that are no longer wanted. */
  remove(model: number, isUnwanted: (item: Item) => boolean): Item[] {
    const { lanes } = this.#model(model);
    const removed: Item[] = [];
    for (const lane of LANES) {
      removed.push(...lanes[lane].filter(isUnwanted));
      lanes[lane] = lanes[lane].filter((item) => !isUnwanted(item));
    }
    return removed;
  }

  /** The next batch at `now`, or null when nothing is ready or due. */
  next(now: number): Batch<Item> | null {
    const index = this.#nextModel(now);
    if (index === null) return null;
    const model = this.#model(index);
    const items: Item[] = [];
    let images = 0;
    let limitedBy: BatchLimit = "nothing-ready";
    for (;;) {
      const lane = nextLane(model);
      const candidate = lane && model.lanes[lane][0];
      if (!candidate) break;
      if (model.statApart && items[0]?.lane === "stat" && lane !== "stat") {
        limitedBy = "stat";
        break;
      }
      if (items[0] !== undefined && candidate.alone !== items[0].alone) {
        limitedBy = "alone";
        break;
      }
      // A series that the model sees as a whole goes even when it is larger than a batch.
      if (items.length > 0 && images + candidate.images > model.maxImages) break;
      model.lanes[lane].shift();
      items.push(candidate);
      images += candidate.images;
    }
    if (images >= model.maxImages) limitedBy = "full";
    if (limitedBy === "full" && model.maxImages < model.configured) limitedBy = "memory";
    return { model: index, items, images, limitedBy };
  }

  /** When the first of the batches that wait for more is due; null when none waits. */
  dueAt(): number | null {
    const due = this.#models.filter((model) => !isIdle(model)).map(dueAt);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Charges `milliseconds` of the device to a model. */
  charge(model: number, milliseconds: number): void {
    const queue = this.#model(model);
    queue.used += milliseconds / queue.weight;
  }

  /**
   * Records that the device had no memory for `images`: the limit is halved. Returns false when it
   * was one.
   */
  shrink(model: number, images: number): boolean {
    if (images <= 1) return false;
    const queue = this.#model(model);
    queue.maxImages = Math.min(queue.maxImages, Math.floor(images / 2));
    return true;
  }

  #model(index: number): ModelQueue<Item> {
    const model = this.#models[index];
    if (model === undefined) throw new RangeError(`no model ${index}`);
    return model;
  }

  /** A model that was idle gets no credit for that time. */
  #leastUsed(): number {
    const busy = this.#models.filter((model) => !isIdle(model)).map((model) => model.used);
    return busy.length === 0 ? 0 : Math.min(...busy);
  }

  #nextModel(now: number): number | null {
    let best: { index: number; rank: number } | null = null;
    for (const [index, model] of this.#models.entries()) {
      if (isIdle(model) || dueAt(model) > now) continue;
      const stat = model.lanes.stat[0];
      // STAT models come before all others, the one that waited longest first.
      const rank = stat === undefined ? model.used : stat.readyAt - Number.MAX_SAFE_INTEGER;
      if (best === null || rank < best.rank) best = { index, rank };
    }
    return best === null ? null : best.index;
  }
}

function isIdle(model: ModelQueue<BatchItem>): boolean {
  const { stat, routine, backfill } = model.lanes;
  return stat.length + routine.length + backfill.length === 0;
}

/** When a model with work may run: at once with STAT, a full batch or no delay. */
function dueAt({ lanes, delayMs, maxImages }: ModelQueue<BatchItem>): number {
  if (delayMs === 0 || lanes.stat.length > 0) return Number.NEGATIVE_INFINITY;
  const waiting = [...lanes.routine, ...lanes.backfill];
  const images = waiting.reduce((sum, item) => sum + item.images, 0);
  if (images >= maxImages) return Number.NEGATIVE_INFINITY;
  return Math.min(...waiting.map((item) => item.readyAt)) + delayMs;
}

function nextLane(model: ModelQueue<BatchItem>): Lane | null {
  const { stat, routine, backfill } = model.lanes;
  if (stat.length > 0) return "stat";
  const [first, last] = [routine[0], backfill[0]];
  if (first === undefined) return last === undefined ? null : "backfill";
  if (last === undefined) return "routine";
  return first.readyAt <= last.readyAt + BACKFILL_HANDICAP_MS ? "routine" : "backfill";
}
