import { describe, expect, it } from "vitest";
import { Prefetch } from "../../src/supervisor/prefetch.ts";

const DEVICE = { batchImages: 64, most: 256 };

/** Reports of engines that ran `jobs` of so many images each, in batches of 64. */
function run(prefetch: Prefetch, imagesPerJob: number, reports = 30): void {
  for (let report = 0; report < reports; report += 1) {
    for (let job = 0; job < 16; job += 1) prefetch.ended();
    const batch = { model: "a", limitedBy: "full", batches: 1, images: 16 * imagesPerJob };
    prefetch.add({ batches: [batch] });
  }
}

describe("jobs that a worker holds", () => {
  it("fill the next batches, be they of single images or of series", () => {
    const heard: number[] = [];
    const prefetch = new Prefetch({ ...DEVICE, onChange: (jobs) => heard.push(jobs) });
    expect(prefetch.jobs).toBe(16);
    run(prefetch, 1);
    expect(prefetch.jobs).toBeGreaterThan(240);
    run(prefetch, 24);
    expect(prefetch.jobs).toBe(11);
    run(prefetch, 200);
    expect(prefetch.jobs).toBe(8);
    expect(heard.at(-1)).toBe(8);
  });

  it("are never more than the worker was told", () => {
    const prefetch = new Prefetch({ batchImages: 64, most: 32, onChange: () => {} });
    run(prefetch, 1);
    expect(prefetch.jobs).toBe(32);
  });

  it("stay as they are while nothing ends", () => {
    const prefetch = new Prefetch({ ...DEVICE, onChange: () => expect.unreachable() });
    prefetch.add({ batches: [] });
    prefetch.add({ batches: [{ model: "a", limitedBy: "full", batches: 1, images: 64 }] });
    expect(prefetch.jobs).toBe(16);
  });
});
