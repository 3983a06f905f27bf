import type { TenantId } from "@axial/contracts";
import type { Outstanding } from "@axial/store/views";
import { describe, expect, it } from "vitest";
import { mayRunNow } from "../../src/scaling/may-run-now.ts";

/** Ten due tasks of two images each, of a tenant without limits. */
function tenTasks(changes: Partial<Outstanding> = {}): Outstanding {
  return {
    tenant: "a" as TenantId,
    lane: "routine",
    model: "m",
    pending: 10,
    due: 10,
    dueImages: 20,
    active: 0,
    activeImages: 0,
    paused: false,
    maxConcurrent: null,
    rateRoom: null,
    ...changes,
  };
}
const imagesOf = (...rows: Outstanding[]) => mayRunNow(rows).map(({ images }) => images);

describe("work that more workers would do something for", () => {
  it("is all that is due, and what runs", () => {
    expect(imagesOf(tenTasks({ active: 1, activeImages: 3 }))).toEqual([23]);
  });

  it("is not a paused tenant's, save what runs", () => {
    expect(imagesOf(tenTasks({ paused: true, active: 1, activeImages: 3 }))).toEqual([3]);
  });

  it("is not what is due later", () => {
    expect(imagesOf(tenTasks({ due: 0, dueImages: 0 }))).toEqual([0]);
  });

  it("is no more than a tenant's limits allow, its higher lanes first", () => {
    const rows = [tenTasks(), tenTasks({ lane: "stat" })].map((row) => ({
      ...row,
      maxConcurrent: 12,
    }));
    expect(mayRunNow(rows).map(({ lane, images }) => [lane, images])).toEqual([
      ["stat", 20],
      ["routine", 4],
    ]);
    expect(imagesOf(tenTasks({ rateRoom: 5 }))).toEqual([10]);
    expect(imagesOf(tenTasks({ maxConcurrent: 4, active: 5, activeImages: 10 }))).toEqual([10]);
  });

  it("is added up over tenants, and everything unfinished is counted all the same", () => {
    const other = tenTasks({ tenant: "b" as TenantId, paused: true });
    expect(mayRunNow([tenTasks(), other])).toEqual([
      { lane: "routine", model: "m", pending: 20, active: 0, images: 20 },
    ]);
  });
});
