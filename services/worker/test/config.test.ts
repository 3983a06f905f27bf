import { describe, expect, it } from "vitest";
import { loadWorkerConfig } from "../src/config.ts";
import { usableCpus } from "../src/cpu-quota.ts";

const NEEDED = { AXIAL_QUEUE_URL: "redis://127.0.0.1", AXIAL_BLOB_URL: "file:///tmp/blobs" };

describe("the configuration", () => {
  it("has a default for everything that a machine can know", () => {
    const config = loadWorkerConfig(NEEDED);
    expect(config.engine).toMatchObject({ providers: ["cpu"], modelRoots: ["./models"] });
    expect(config.name).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
  });

  it("takes several models folders and an order of providers", () => {
    const { engine } = loadWorkerConfig({
      ...NEEDED,
      AXIAL_MODELS_DIR: "/a:/b",
      AXIAL_WORKER_PROVIDERS: "tensorrt, cuda",
    });
    expect(engine.modelRoots).toEqual(["/a", "/b"]);
    expect(engine.providers).toEqual(["tensorrt", "cuda"]);
  });

  it("says everything that is wrong", () => {
    expect(() => loadWorkerConfig({})).toThrow(/AXIAL_QUEUE_URL.*AXIAL_BLOB_URL|required/);
    expect(() => loadWorkerConfig({ ...NEEDED, AXIAL_WORKER_PROVIDERS: "gpu" })).toThrow("gpu");
  });
});

describe("usable CPUs", () => {
  const files = (content: Record<string, string>) => (path: string) =>
    Object.entries(content).find(([end]) => path.endsWith(end))?.[1] ?? "";

  it("are the quota's, not the host's", () => {
    expect(usableCpus(files({ "cpu.max": "100000 100000\n" }))).toBe(1);
    expect(usableCpus(files({ cfs_quota_us: "50000", cfs_period_us: "100000" }))).toBe(1);
  });

  it("are the host's without a quota", () => {
    const host = usableCpus(files({}));
    expect(host).toBeGreaterThanOrEqual(1);
    expect(usableCpus(files({ "cpu.max": "max 100000\n" }))).toBe(host);
    expect(usableCpus(files({ cfs_quota_us: "-1", cfs_period_us: "100000" }))).toBe(host);
  });
});
