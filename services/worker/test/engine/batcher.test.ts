import type { Lane } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { Batcher, type BatchItem } from "../../src/engine/batcher.ts";

interface Item extends BatchItem {
  readonly name: string;
}

function item(name: string, about: Partial<Item> = {}): Item {
  return { name, model: 0, lane: "routine", images: 1, readyAt: 0, ...about };
}

const named = (batch: { items: readonly Item[] } | null) => batch?.items.map(({ name }) => name);

function fill(batcher: Batcher<Item>, count: number, about: Partial<Item> = {}): void {
  for (let index = 0; index < count; index++) batcher.add(item(`${about.lane}${index}`, about));
}

describe("the batcher", () => {
  it("gives whatever is ready, and says that there was no more", () => {
    const batcher = new Batcher<Item>([{ maxImages: 4 }]);
    expect(batcher.next(0)).toBeNull();
    batcher.add(item("a"));
    batcher.add(item("b"));
    const batch = batcher.next(0);
    expect(named(batch)).toEqual(["a", "b"]);
    expect(batch).toMatchObject({ images: 2, limitedBy: "nothing-ready" });
    expect(batcher.next(0)).toBeNull();
  });

  it("removes what is no longer wanted, from every lane, and keeps the rest in order", () => {
    const batcher = new Batcher<Item>([{ maxImages: 8 }]);
    for (const lane of ["routine", "backfill"] as const) {
      for (const name of ["a", "x", "b"]) batcher.add(item(`${name}-${lane}`, { lane }));
    }
    const removed = batcher.remove(0, ({ name }) => name.startsWith("x"));
    expect(removed.map(({ name }) => name)).toEqual(["x-routine", "x-backfill"]);
    expect(named(batcher.next(0))).toEqual(["a-routine", "b-routine", "a-backfill", "b-backfill"]);
  });

  it("fills a batch across tasks up to its limit", () => {
    const batcher = new Batcher<Item>([{ maxImages: 4 }]);
    fill(batcher, 6);
    expect(batcher.next(0)).toMatchObject({ images: 4, limitedBy: "full" });
    expect(batcher.next(0)).toMatchObject({ images: 2, limitedBy: "nothing-ready" });
  });

  it("puts STAT into the next batch, of whatever model", () => {
    const batcher = new Batcher<Item>([{ maxImages: 2 }, { maxImages: 2 }]);
    fill(batcher, 4, { lane: "routine" });
    batcher.charge(1, 1_000);
    batcher.add(item("stat", { lane: "stat", model: 1, readyAt: 99 }));
    expect(named(batcher.next(0))).toEqual(["stat"]);
    expect(batcher.next(0)).toMatchObject({ model: 0 });
  });

  it("fills a batch with STAT up, except where that would make it longer", () => {
    const batchOf = (statApart: boolean) => {
      const batcher = new Batcher<Item>([{ maxImages: 4, statApart }]);
      fill(batcher, 6, { lane: "routine" });
      fill(batcher, 2, { lane: "stat" });
      return batcher.next(0);
    };
    expect(batchOf(false)).toMatchObject({ images: 4, limitedBy: "full" });
    const apart = batchOf(true);
    expect(named(apart)).toEqual(["stat0", "stat1"]);
    expect(apart?.limitedBy).toBe("stat");
  });

  it("takes the STAT slice that waited longest first", () => {
    const batcher = new Batcher<Item>([{ maxImages: 1 }, { maxImages: 1 }]);
    batcher.add(item("later", { lane: "stat", model: 0, readyAt: 20 }));
    batcher.add(item("earlier", { lane: "stat", model: 1, readyAt: 10 }));
    expect(named(batcher.next(0))).toEqual(["earlier"]);
  });

  it("prefers routine to backfill, and lets no backfill wait for ever", () => {
    const batcher = new Batcher<Item>([{ maxImages: 1 }]);
    const add = (lane: Lane, readyAt: number) => batcher.add(item(lane, { lane, readyAt }));
    add("backfill", 0);
    add("routine", 1_000);
    add("routine", 5_000);
    expect(named(batcher.next(0))).toEqual(["routine"]);
    expect(named(batcher.next(0))).toEqual(["backfill"]);
    expect(named(batcher.next(0))).toEqual(["routine"]);
  });

  it("shares the device among models by the time that they used, and by weight", () => {
    const batcher = new Batcher<Item>([{ maxImages: 1, weight: 2 }, { maxImages: 1 }]);
    fill(batcher, 30, { model: 0 });
    fill(batcher, 30, { model: 1 });
    const turns = [0, 0];
    for (let turn = 0; turn < 30; turn++) {
      const { model } = batcher.next(0) ?? { model: -1 };
      turns[model] = (turns[model] ?? 0) + 1;
      batcher.charge(model, 10);
    }
    expect(turns).toEqual([20, 10]);
  });

  it("gives a model no credit for the time in which it was idle", () => {
    const batcher = new Batcher<Item>([{ maxImages: 1 }, { maxImages: 1 }]);
    fill(batcher, 10, { model: 0 });
    for (let turn = 0; turn < 5; turn++) batcher.charge(batcher.next(0)?.model ?? -1, 1_000);
    fill(batcher, 10, { model: 1 });
    const models = [0, 1, 2, 3].map(() => {
      const model = batcher.next(0)?.model ?? -1;
      batcher.charge(model, 10);
      return model;
    });
    expect(models.filter((model) => model === 0)).toHaveLength(2);
  });

  it("runs an isolated task alone in its batch", () => {
    const batcher = new Batcher<Item>([{ maxImages: 8 }]);
    batcher.add(item("a"));
    batcher.add(item("poison 1", { alone: "poison" }));
    batcher.add(item("poison 2", { alone: "poison" }));
    batcher.add(item("b"));
    expect(batcher.next(0)).toMatchObject({ images: 1, limitedBy: "alone" });
    expect(named(batcher.next(0))).toEqual(["poison 1", "poison 2"]);
    expect(named(batcher.next(0))).toEqual(["b"]);
  });

  it("runs a series that is seen as a whole in one batch, whatever its size", () => {
    const batcher = new Batcher<Item>([{ maxImages: 4 }]);
    batcher.add(item("series", { images: 9, alone: "series" }));
    expect(batcher.next(0)).toMatchObject({ images: 9 });
  });

  it("remembers that memory allowed only half", () => {
    const batcher = new Batcher<Item>([{ maxImages: 8 }]);
    fill(batcher, 8);
    const batch = batcher.next(0);
    expect(batcher.shrink(0, 8)).toBe(true);
    batcher.putBack(batch?.items ?? []);
    const half = batcher.next(0);
    expect(half).toMatchObject({ images: 4, limitedBy: "memory" });
    expect(named(half)).toEqual(named(batch)?.slice(0, 4));
    expect(batcher.shrink(0, 1)).toBe(false);
  });

  it("shares the device by weight among models that have work", () => {
    const batcher = new Batcher<Item>([{ maxImages: 1, weight: 3 }, { maxImages: 1 }]);
    fill(batcher, 40, { model: 0 });
    fill(batcher, 40, { model: 1 });
    const ran = [0, 0];
    for (let batch = 0; batch < 40; batch++) {
      const model = batcher.next(0)?.model ?? 0;
      batcher.charge(model, 10);
      ran[model] = (ran[model] ?? 0) + 1;
    }
    expect(ran).toEqual([30, 10]);
  });

  it("lets a model with a delay wait for more, but not for longer than that", () => {
    const batcher = new Batcher<Item>([{ maxImages: 4, delayMs: 10 }]);
    batcher.add(item("a", { readyAt: 100 }));
    batcher.add(item("b", { readyAt: 105, lane: "backfill" }));
    expect(batcher.next(109)).toBeNull();
    expect(batcher.dueAt()).toBe(110);
    expect(named(batcher.next(110))).toEqual(["a", "b"]);
    expect(batcher.dueAt()).toBeNull();
  });

  it("does not delay a full batch, STAT, or another model", () => {
    const batcher = new Batcher<Item>([{ maxImages: 2, delayMs: 10 }, { maxImages: 2 }]);
    batcher.add(item("waits", { readyAt: 100 }));
    batcher.add(item("other", { readyAt: 100, model: 1 }));
    expect(named(batcher.next(100))).toEqual(["other"]);
    expect(batcher.next(100)).toBeNull();
    batcher.add(item("fills", { readyAt: 101 }));
    expect(named(batcher.next(101))).toEqual(["waits", "fills"]);
    batcher.add(item("stat", { readyAt: 102, lane: "stat" }));
    expect(named(batcher.next(102))).toEqual(["stat"]);
  });
});
