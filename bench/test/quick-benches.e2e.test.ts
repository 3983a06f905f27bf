import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const TIMEOUT_MS = 600_000;
const run = promisify(execFile);

/** The figures of a bench in tiny sizes; it may print only one JSON line. */
async function figuresOf(bench: string, ...options: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [MAIN, bench, "--json", "--quick", ...options]);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout);
}

describe("a bench in tiny sizes prints one line with its keys", { timeout: TIMEOUT_MS }, () => {
  it("autoscale-real", async () => {
    const { simulated, real } = await figuresOf("autoscale-real");
    for (const side of [simulated, real] as { deviceSeconds: number; mostWorkers: number }[]) {
      expect(side.deviceSeconds).toBeGreaterThan(0);
      expect(side.mostWorkers).toBeGreaterThan(0);
    }
  });

  it("backfill", async () => {
    const figures = await figuresOf("backfill");
    for (const key of ["studiesPerSecond", "instancesPerSecond", "engineBusy"]) {
      expect(figures[key]).toBeGreaterThan(0);
    }
    expect((figures.residentMb as { at: number }[]).map(({ at }) => at)).toEqual([0.01, 0.5, 1]);
    if (figures.peerSkipped === undefined) expect(figures.peerRatio).toBeGreaterThan(0);
  });

  it("backfill-items", async () => {
    const { slowestPageMs, measured } = await figuresOf("backfill-items");
    expect(slowestPageMs).toBeGreaterThan(0);
    for (const { exports } of measured as { exports: { clientMb: number }[] }[]) {
      expect(exports).toHaveLength(4);
      for (const { clientMb } of exports) expect(clientMb).toBeGreaterThan(0);
    }
  });

  it("backlog", async () => {
    const figures = await figuresOf("backlog");
    expect(figures.ratio).toBeGreaterThan(0);
    expect(figures.queueBytes).toBeGreaterThan(0);
    for (const { tasksPerSecond } of figures.planning as { tasksPerSecond: number }[]) {
      expect(tasksPerSecond).toBeGreaterThan(0);
    }
  });

  it("fairness", async () => {
    const { share } = await figuresOf("fairness");
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });

  it("gpu, on the CPU in a device's place", async () => {
    const { provider, measured, decode } = await figuresOf("gpu", "--providers", "cpu");
    expect(provider).toBe("cpu");
    expect((decode as { framesPerSecond: number }).framesPerSecond).toBeGreaterThan(0);
    const rows = measured as Record<string, number>[];
    expect(rows.map(({ batch }) => batch)).toEqual([1, 4]);
    for (const row of rows) {
      for (const key of ["barePerSecond", "enginePerSecond", "ratio"]) {
        expect(row[key]).toBeGreaterThan(0);
      }
    }
  });

  it("gpu, and says of each provider why it does not work", async () => {
    const { skipped, reasons } = await figuresOf("gpu", "--providers", "tensorrt,nothing");
    expect(skipped).toBe("no device works");
    expect(reasons).toEqual({
      tensorrt: expect.stringContaining("tensorrt"),
      nothing: "there is no such provider",
    });
  });

  it("ingest", async () => {
    const figures = await figuresOf("ingest");
    for (const key of ["instancesPerSecond", "megabytesPerSecond", "residentMegabytes"]) {
      expect(figures[key]).toBeGreaterThan(0);
    }
  });

  it("latency", async () => {
    const { p50Ms, stagesMs } = await figuresOf("latency");
    expect(p50Ms).toBeGreaterThan(0);
    expect(Object.keys(stagesMs as object)).toEqual(
      expect.arrayContaining(["accept", "plan", "dispatch", "queue", "infer", "persist"]),
    );
  });

  it("scale", async () => {
    const { postgres } = await figuresOf("scale");
    const { jobsPerSecond, planeMsPerJob } = postgres as Record<string, number>;
    expect(jobsPerSecond).toBeGreaterThan(0);
    expect(planeMsPerJob).toBeGreaterThan(0);
  });

  it("search", async () => {
    const figures = await figuresOf("search");
    const { nameExact, firstPage } = figures as Record<string, { ms: number; found: number }>;
    expect([nameExact?.found, firstPage?.found]).toEqual([1, 101]);
    expect(firstPage?.ms).toBeGreaterThan(0);
  });

  it("stat", async () => {
    const figures = await figuresOf("stat");
    for (const key of ["idleP99Ms", "loadedP99Ms", "batchMs"]) {
      expect(figures[key]).toBeGreaterThan(0);
    }
  });
});
