import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, needs, queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Surroundings, surroundings } from "./surroundings.ts";
import { HANGS_AFTER_MS, type WorkerProcess } from "./worker-process.ts";

const PRELOAD = new URL("curious-engine.mjs", import.meta.url);
/** What a careless host may leave in the environment of a worker. */
const SECRETS = {
  AXIAL_ADMIN_KEY: "axial_secret",
  AXIAL_DATABASE_URL: "postgres://axial:secret@127.0.0.1/axial",
  AWS_SECRET_ACCESS_KEY: "secret",
  PGPASSWORD: "secret",
};

interface Found {
  readonly environment: readonly string[];
  readonly folder: string;
  readonly parent: string;
  readonly file: string;
  readonly written: string;
  readonly started: string;
  readonly database: string;
}

describe("an engine whose input runs code in it", { timeout: 2 * HANGS_AFTER_MS }, () => {
  const [postgres] = queueBackends();
  let world: Surroundings;
  let worker: WorkerProcess;
  let folder: string;
  let found: Found;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-test-engine-"));
    const file = join(folder, "postgres.password");
    await writeFile(file, "secret");
    if (postgres === undefined) throw new Error("no PostgreSQL");
    world = await surroundings(postgres);
    const address = new URL(world.queueUrl);
    address.password = "";
    const asked = new URLSearchParams({ file, database: address.href });
    worker = await world.startWorker({
      ...SECRETS,
      NODE_OPTIONS: `--import ${PRELOAD.href}?${asked}`,
    });
    await worker.ready();
    const line = await eventually(
      "the engine has tried",
      () => worker.log.find((entry) => entry.includes('"engine tried"')),
      HANGS_AFTER_MS,
    );
    found = (JSON.parse(line) as { found: Found }).found;
  }, 2 * HANGS_AFTER_MS);
  afterAll(async () => {
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("finds no key, address or password in its environment", () => {
    const held = [...Object.keys(SECRETS), "AXIAL_QUEUE_URL", "AXIAL_BLOB_URL"];
    expect(found.environment.filter((name) => held.includes(name))).toEqual([]);
  });

  it("reads neither its supervisor's environment nor files beside models and blobs", () => {
    expect(found).toMatchObject({ parent: "ERR_ACCESS_DENIED", file: "ERR_ACCESS_DENIED" });
  });

  it("writes no file, starts no process and works where there is only code", () => {
    expect(found).toMatchObject({ written: "ERR_ACCESS_DENIED", started: "ERR_ACCESS_DENIED" });
    expect(found.folder).toBe(fileURLToPath(new URL("../src/engine", import.meta.url)));
  });

  it("may never gain privileges, and leaves no core file", needs("setpriv"), () => {
    const about = (name: string) => readFileSync(`/proc/${worker.enginePid()}/${name}`, "utf8");
    expect(about("cmdline")).toContain("engine/main.ts");
    expect(about("status")).toMatch(/^NoNewPrivs:\t1$/m);
    expect(about("limits")).toMatch(/^Max core file size +0 +0 /m);
    expect(about("limits")).toMatch(/^Max open files +4096 +4096 /m);
  });

  it("is not let in by PostgreSQL", () => {
    expect(found.database).toMatch(/password/i);
  });

  it("does its work all the same, which its supervisor stores", async () => {
    const result = await world.result(await world.dispatch({ slices: 4 }));
    expect(result.slices).toHaveLength(4);
  });
});
