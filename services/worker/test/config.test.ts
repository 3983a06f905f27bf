import { availableParallelism } from "node:os";
import { onlyIf } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { engineEnvironment, readConfig } from "../src/config.ts";
import { usableCpus } from "../src/cpu-quota.ts";
import { supervisorEnvironment } from "../src/process-environment.ts";

const NEEDED = {
  AXIAL_QUEUE_URL: "redis://127.0.0.1",
  AXIAL_BLOB_URL: "file:///tmp/blobs",
  AXIAL_OUTCOME_KEYS: "o".repeat(32),
};

describe("the configuration", () => {
  it("has a default for everything that a machine can know", () => {
    const config = readConfig(NEEDED);
    expect(config.modelRoots).toEqual(["./models"]);
    expect(config.engines).toMatchObject([{ providers: ["cpu"], device: 0, models: {} }]);
    expect(config.name).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
  });

  it("takes several models folders and an order of providers", () => {
    const { modelRoots, engines } = readConfig({
      ...NEEDED,
      AXIAL_MODELS_DIR: "/a:/b",
      AXIAL_WORKER_PROVIDERS: "tensorrt, cuda",
    });
    expect(modelRoots).toEqual(["/a", "/b"]);
    expect(engines[0]?.providers).toEqual(["tensorrt", "cuda"]);
  });

  it("has several engines on several devices, each with its share of the CPUs", () => {
    const { engines } = readConfig({
      ...NEEDED,
      AXIAL_WORKER_PROVIDERS: "cuda",
      AXIAL_WORKER_DEVICES: "0, 2",
      AXIAL_WORKER_ENGINES: "2",
    });
    expect(engines.map(({ device }) => device)).toEqual([0, 0, 2, 2]);
    const share = Math.max(1, Math.floor(usableCpus() / 4));
    expect(engines.map(({ cpus }) => cpus)).toEqual(Array(4).fill(share));
  });

  it("serves every lane, or those that it is told", () => {
    expect(readConfig(NEEDED).lanes).toEqual(["stat", "routine", "backfill"]);
    const some = readConfig({ ...NEEDED, AXIAL_WORKER_LANES: "routine, stat" });
    expect(some.lanes).toEqual(["stat", "routine"]);
    expect(() => readConfig({ ...NEEDED, AXIAL_WORKER_LANES: "nights" })).toThrow(
      "AXIAL_WORKER_LANES",
    );
  });

  it("knows its pod by name, or does not start", () => {
    const asked = { ...NEEDED, AXIAL_WORKER_DELETION_COST: "on" };
    expect(readConfig(NEEDED).kubernetes).toBeNull();
    expect(() => readConfig(asked)).toThrow("AXIAL_WORKER_NAME");
    const named = readConfig({ ...asked, AXIAL_WORKER_NAME: "worker-1" });
    expect(named.kubernetes).toMatchObject({ pod: "worker-1", port: 443 });
  });

  it("signs its outcomes, or is told to leave them unsigned", () => {
    const without = { ...NEEDED, AXIAL_OUTCOME_KEYS: "" };
    expect(readConfig(NEEDED).signer?.worker).toBe(readConfig(NEEDED).name);
    expect(() => readConfig(without)).toThrow("AXIAL_OUTCOME_KEYS");
    expect(readConfig({ ...without, AXIAL_UNSIGNED_OUTCOMES: "on" }).signer).toBeNull();
  });

  it("gives models their weights and delays", () => {
    const { engines } = readConfig({
      ...NEEDED,
      AXIAL_WORKER_MODEL_WEIGHTS: "brain=2, knee=0.5",
      AXIAL_WORKER_BATCH_DELAYS: "knee=5",
    });
    expect(engines[0]?.models).toEqual({
      brain: { weight: 2 },
      knee: { weight: 0.5, delayMs: 5 },
    });
  });

  it.each([
    [{ AXIAL_WORKER_DEVICES: "1" }, /cpu has no devices/],
    [{ AXIAL_WORKER_PROVIDERS: "webgpu", AXIAL_WORKER_DEVICES: "0,1" }, /webgpu has no devices/],
    [{ AXIAL_WORKER_PROVIDERS: "cuda", AXIAL_WORKER_DEVICES: "first" }, /AXIAL_WORKER_DEVICES/],
    [{ AXIAL_WORKER_PROVIDERS: "cuda,cuda" }, /named twice/],
    [{ AXIAL_WORKER_MODEL_WEIGHTS: "brain:2" }, /AXIAL_WORKER_MODEL_WEIGHTS.*brain:2/],
    [{ AXIAL_WORKER_MODEL_WEIGHTS: "brain=0" }, /above 0/],
    [{ AXIAL_WORKER_BATCH_DELAYS: "brain=soon" }, /AXIAL_WORKER_BATCH_DELAYS/],
  ])("refuses %o", (env, problem) => {
    expect(() => readConfig({ ...NEEDED, ...env })).toThrow(problem);
  });

  it("says everything that is wrong", () => {
    expect(() => readConfig({})).toThrow(/AXIAL_QUEUE_URL.*AXIAL_BLOB_URL|required/);
    expect(() => readConfig({ ...NEEDED, AXIAL_WORKER_PROVIDERS: "gpu" })).toThrow("gpu");
  });
});

describe("the engine's environment", () => {
  it("asks for huge pages, beside what else was set and not against it", () => {
    const tunables = (GLIBC_TUNABLES?: string) =>
      engineEnvironment({ tensorrtCache: null, blobUrl: "file:///b" }, { GLIBC_TUNABLES })
        .GLIBC_TUNABLES;
    expect(tunables()).toBe("glibc.malloc.hugetlb=1");
    expect(tunables("glibc.malloc.arena_max=2")).toBe(
      "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1",
    );
    expect(tunables("glibc.malloc.hugetlb=0")).toBe("glibc.malloc.hugetlb=0");
  });

  it("has no secret of what its supervisor inherited", () => {
    const source = {
      PATH: "/bin",
      AXIAL_ADMIN_KEY: "1",
      AXIAL_DATABASE_URL: "2",
      AXIAL_QUEUE_URL: "3",
      AXIAL_WORKER_NAME: "4",
      AWS_SECRET_ACCESS_KEY: "5",
      PGPASSWORD: "6",
    };
    const names = Object.keys(
      engineEnvironment({ tensorrtCache: null, blobUrl: "file:///b" }, source),
    );
    expect(names.toSorted()).toEqual(["GLIBC_TUNABLES", "PATH", "UV_THREADPOOL_SIZE"]);
  });

  it("has the S3 credential that reads, and the one that writes only where there is no other", () => {
    const writing = { AWS_REGION: "r", AWS_ACCESS_KEY_ID: "w", AWS_SECRET_ACCESS_KEY: "w" };
    const reading = {
      AXIAL_BLOB_READ_ACCESS_KEY_ID: "r",
      AXIAL_BLOB_READ_SECRET_ACCESS_KEY: "r",
    };
    const settings = { tensorrtCache: null, blobUrl: "s3://bucket" };
    expect(engineEnvironment(settings, writing)).toMatchObject(writing);
    const environment = engineEnvironment(settings, { ...writing, ...reading });
    expect(environment).toMatchObject({
      AWS_REGION: "r",
      AWS_ACCESS_KEY_ID: "r",
      AWS_SECRET_ACCESS_KEY: "r",
    });
    expect(Object.values(environment)).not.toContain("w");
    const shared = (source: NodeJS.ProcessEnv) =>
      readConfig({ ...NEEDED, AXIAL_BLOB_URL: "s3://bucket", ...source }).enginesShareCredential;
    expect(() => shared(writing)).toThrow("AXIAL_BLOB_READ_ACCESS_KEY_ID");
    expect(() => shared({})).toThrow("AXIAL_WORKER_SHARED_CREDENTIAL");
    expect(shared({ ...writing, AXIAL_WORKER_SHARED_CREDENTIAL: "on" })).toBe(true);
    expect(shared({ ...writing, ...reading })).toBe(false);
  });

  it("names TensorRT's cache where there is one", () => {
    const names = (folder: string | null) =>
      Object.keys(engineEnvironment({ tensorrtCache: folder, blobUrl: "file:///b" }, {})).filter(
        (name) => name.startsWith("ORT_TENSORRT"),
      );
    expect(names(null)).toEqual([]);
    expect(names("/cache")).toContain("ORT_TENSORRT_CACHE_PATH");
    expect(
      engineEnvironment({ tensorrtCache: "/cache", blobUrl: "file:///b" }, {})
        .ORT_TENSORRT_CACHE_PATH,
    ).toBe("/cache");
  });
});

it("a supervisor takes over settings of workers, and no key or address of another service", () => {
  const source = {
    PATH: "/bin",
    AXIAL_ADMIN_KEY: "1",
    AXIAL_DATABASE_URL: "2",
    AXIAL_WORKER_THREADS: "4",
    PGPASSWORD: "5",
  };
  expect(supervisorEnvironment(source)).toEqual({ PATH: "/bin", AXIAL_WORKER_THREADS: "4" });
});

describe("usable CPUs", () => {
  const files = (content: Record<string, string>) => (path: string) =>
    Object.entries(content).find(([end]) => path.endsWith(end))?.[1] ?? "";

  it("are the quota's, not the host's", () => {
    expect(usableCpus(files({ "cpu.max": "100000 100000\n" }))).toBe(1);
    expect(usableCpus(files({ cfs_quota_us: "50000", cfs_period_us: "100000" }))).toBe(1);
  });

  it(
    "are whole ones of either cgroup version",
    onlyIf(availableParallelism() > 1, "two CPUs"),
    () => {
      expect(usableCpus(files({ "cpu.max": "150000 100000\n" }))).toBe(1);
      expect(usableCpus(files({ "cpu.max": "200000 100000\n" }))).toBe(2);
      expect(usableCpus(files({ cfs_quota_us: "150000", cfs_period_us: "100000" }))).toBe(1);
      expect(usableCpus(files({ cfs_quota_us: "200000\n", cfs_period_us: "100000\n" }))).toBe(2);
    },
  );

  it("are the host's without a quota", () => {
    const host = usableCpus(files({}));
    expect(host).toBeGreaterThanOrEqual(1);
    expect(usableCpus(files({ "cpu.max": "max 100000\n" }))).toBe(host);
    expect(usableCpus(files({ cfs_quota_us: "-1", cfs_period_us: "100000" }))).toBe(host);
  });
});
