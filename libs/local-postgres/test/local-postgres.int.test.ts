import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

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

  it("takes the folder over from a server whose starter was killed", async () => {
    const orphan = await start();
    await orphan.database("kept");
    const successor = await start();
    expect(isAlive(orphan.pid)).toBe(false);
    expect(await query(await successor.database("kept"), "SELECT n FROM t")).toEqual([{ n: 42 }]);
    await successor.stop();
  });

  it("lets nobody in without the password", async () => {
    const server = await start();
    const { port } = new URL(await server.database("kept"));
    await expect(
      query(`postgres://axial:wrong@127.0.0.1:${port}/kept`, "SELECT 1"),
    ).rejects.toThrow();
    await server.stop();
  });
});
