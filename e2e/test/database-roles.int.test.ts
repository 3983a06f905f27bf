import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { newUid } from "@axial/contracts";
import { eventually, freePort, needs, startPostgres, startRedis } from "@axial/testkit";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stow } from "../src/stow.ts";
import { cells, get, image, study } from "./archive/archive.ts";

const ROLES = fileURLToPath(new URL("../../deploy/postgres/roles.sql", import.meta.url));
const SERVICES = fileURLToPath(new URL("../../services", import.meta.url));
const KEY = "axial_a-key-of-the-roles-test";
const PASSWORD = "of-a-test";

describe("services with roles of their own in Postgres", needs("redis"), () => {
  const running: ChildProcess[] = [];
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let folder: string;
  let databaseUrl: string;

  const as = (role: string) => {
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = PASSWORD;
    return url.href;
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), "axial-roles-"));
    databaseUrl = await postgres.createDatabase({ empty: true });
    await query(databaseUrl, await readFile(ROLES, "utf8"));
    for (const role of ["axial_migrations", "axial_services", "axial_archive"]) {
      await query(databaseUrl, `ALTER ROLE ${role} PASSWORD '${PASSWORD}'`);
    }
  });
  afterAll(async () => {
    for (const child of running) child.kill("SIGKILL");
    await redis?.stop();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function query(url: string, text: string): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }

  function start(script: string, environment: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(process.execPath, [join(SERVICES, script)], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, AXIAL_LOG_LEVEL: "fatal", ...environment },
    });
    running.push(child);
    return child;
  }

  async function serve(service: string, environment: NodeJS.ProcessEnv): Promise<string> {
    const port = await freePort();
    start(`${service}/src/main.ts`, {
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(port),
      AXIAL_SCHEMA: "wait",
      AXIAL_BLOB_URL: pathToFileURL(folder).href,
      AXIAL_QUEUE_URL: redis.url,
      ...environment,
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually(`${service} answers`, async () => (await ready(url)) !== null);
    return url;
  }

  async function ready(url: string): Promise<{ status: number; text: string } | null> {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    return answer && { status: answer.status, text: await answer.text() };
  }

  it("wait unready for the migrations, then store with rows alone and read with less", async () => {
    const gateway = await serve("gateway", {
      AXIAL_DATABASE_URL: as("axial_services"),
      AXIAL_ADMIN_KEY: KEY,
    });
    const archive = await serve("archive", { AXIAL_DATABASE_URL: as("axial_archive") });
    for (const url of [gateway, archive]) {
      const { status, text } = (await ready(url)) ?? {};
      expect([status, text]).toEqual([503, expect.stringContaining("schema")]);
    }

    const job = start("gateway/src/migrate.ts", { AXIAL_DATABASE_URL: as("axial_migrations") });
    expect(await once(job, "exit")).toEqual([0, null]);
    for (const url of [gateway, archive]) {
      await eventually(`${url} is ready`, async () => (await ready(url))?.status === 200);
    }

    const file = image(newUid(), { elements: { PixelData: cells(1) } });
    expect((await stow({ url: gateway, key: KEY }, [file])).status).toBe(200);
    const accept = "application/dicom+json";
    const found = await get({ url: archive, key: KEY }, `/studies?StudyInstanceUID=${study}`, {
      accept,
    });
    expect(JSON.parse(found.bytes.toString())).toHaveLength(1);
    const instance = await get({ url: archive, key: KEY }, `/studies/${study}/metadata`, {
      accept,
    });
    expect(instance.status).toBe(200);

    const denied = "permission denied";
    await expect(query(as("axial_archive"), "DELETE FROM study")).rejects.toThrow(denied);
    await expect(query(as("axial_services"), "CREATE TABLE more ()")).rejects.toThrow(denied);
    await expect(query(as("axial_services"), "DROP TABLE study")).rejects.toThrow("must be owner");
  });
});
