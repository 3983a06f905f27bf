import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startLocalPostgres, tryConnect } from "@axial/local-postgres";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const PACKAGE = import.meta.resolve("@axial/local-postgres");

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A server that another process starts and keeps; rejects with what that process said. */
async function startElsewhere(folder: string) {
  const code = `
    const { startLocalPostgres } = await import(${JSON.stringify(PACKAGE)});
    const server = await startLocalPostgres({ folder: ${JSON.stringify(folder)}, durable: true });
    console.log(await server.database("kept"));
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code]);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let said = "";
  child.stderr.on("data", (text: Buffer) => {
    said += text.toString();
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void exited.then(() => reject(new Error(said)));
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { pid: child.pid, url, kill };
}

/** Command lines of the shells that watch over a process for this one. */
function watchesOf(pid: number): string[] {
  return execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.endsWith(` tether INT ${pid}`));
}

const HANGS_AFTER_MS = 60_000;
/** This package cannot use the testkit, which uses it. */
const hasEnded = (ended: () => Promise<boolean>) =>
  expect.poll(ended, { timeout: HANGS_AFTER_MS, interval: 100 }).toBe(true);

describe("startLocalPostgres", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-test-local-pg-"));
    await chmod(folder, 0o755);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const start = () => startLocalPostgres({ folder: join(folder, "cluster"), durable: true });

  it("keeps its databases from one start to the next and leaves no process", async () => {
    const first = await start();
    const url = await first.database("kept");
    await query(url, "CREATE TABLE t AS SELECT 42 AS n");
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start();
    expect(await query(await second.database("kept"), "SELECT n FROM t")).toEqual([{ n: 42 }]);
    await second.stop();
  });

  it("refuses the folder while the process that started a server in it lives", async () => {
    const other = await startElsewhere(join(folder, "cluster"));
    await expect(start()).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(`${folder} is in use by process ${other.pid}:`),
    });
    expect(await query(other.url, "SELECT n FROM t")).toEqual([{ n: 42 }]);
    await other.kill();
  });

  it("ends, cleanly, when its starter was killed, and leaves the folder to the next", async () => {
    const orphan = await startElsewhere(join(folder, "cluster"));
    await orphan.kill();
    await hasEnded(async () => (await tryConnect(orphan.url)) !== null);
    const successor = await start();
    expect(await query(await successor.database("kept"), "SELECT n FROM t")).toEqual([{ n: 42 }]);
    await successor.stop();
  });

  it("leaves no watch behind that could kill another process by its id", async () => {
    const server = await start();
    expect(watchesOf(server.pid)).toHaveLength(1);
    await server.stop();
    await hasEnded(async () => watchesOf(server.pid).length === 0);
  });

  it("takes the folder over although the pid of the dead starter is another's by now", async () => {
    await writeFile(join(folder, "postgres.lock"), `${process.ppid} of-another-time`);
    await (await start()).stop();
    expect(await readdir(folder)).not.toContain("postgres.lock");
  });

  it("lets one of several have the folder that come at the same moment", async () => {
    const stale = `${process.ppid} of-another-time`;
    await writeFile(join(folder, "postgres.lock"), stale);
    const claims = await Promise.allSettled(
      Array.from({ length: 4 }, () => startElsewhere(join(folder, "cluster"))),
    );
    const started = claims.filter((one) => one.status === "fulfilled");
    expect(started).toHaveLength(1);
    for (const { value } of started) await value.kill();
    await (await start()).stop();
  });

  it("lays its cluster where a folder exists and where it has to be made alike", async () => {
    const parent = await mkdtemp(join(tmpdir(), "axial-test-placement-"));
    await chmod(parent, 0o755);
    const lies = async (folder: string) => {
      const server = await startLocalPostgres({ folder, durable: false });
      await server.stop();
      return existsSync(join(folder, "PG_VERSION"));
    };
    const [beside, below] = [join(parent, "cluster"), join(parent, "a", "b", "cluster")];
    expect(await lies(below)).toBe(await lies(beside));
    await rm(parent, { recursive: true, force: true });
  });

  it("refuses logins without the password", async () => {
    const server = await start();
    const { port } = new URL(await server.database("kept"));
    await expect(
      query(`postgres://axial:wrong@127.0.0.1:${port}/kept`, "SELECT 1"),
    ).rejects.toThrow();
    await server.stop();
  });
});
