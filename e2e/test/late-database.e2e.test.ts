import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type LocalPostgres, startLocalPostgres } from "@axial/local-postgres";
import { eventually, freePort, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Each with a route that reads the database. */
const SERVICES = [
  ["gateway", "/api/v1/keys"],
  ["archive", "/dicom-web/studies"],
  ["results", "/api/v1/studies"],
] as const;
const KEY = "test-key-of-the-late-database";
const WITHIN_MS = 60_000;

interface Process {
  readonly child: ChildProcess;
  readonly url: string;
  readonly logged: () => readonly LogLine[];
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly dependency?: string;
}

interface Readiness {
  readonly status: string;
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

let folder: string;
let port: number;
let postgres: LocalPostgres;
const processes = new Map<string, Process>();

const startPostgres = () =>
  startLocalPostgres({ folder: join(folder, "postgres"), durable: false, port });

// The cluster exists and is down while the services start.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-late-"));
  port = await freePort();
  postgres = await startPostgres();
  const databaseUrl = await postgres.database("late");
  await postgres.stop();
  for (const [service] of SERVICES)
    processes.set(service, await startService(service, databaseUrl));
});
afterAll(async () => {
  for (const { child } of processes.values()) child.kill("SIGKILL");
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startService(service: string, databaseUrl: string): Promise<Process> {
  const at = await freePort();
  const main = fileURLToPath(import.meta.resolve(`@axial/${service}/main`));
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      AXIAL_DATABASE_URL: databaseUrl,
      AXIAL_QUEUE_URL: databaseUrl,
      AXIAL_BLOB_URL: pathToFileURL(join(folder, "blobs")).href,
      AXIAL_MODELS_DIR: TINY_MODELS,
      AXIAL_ADMIN_KEY: KEY,
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(at),
      AXIAL_UNSIGNED_OUTCOMES: "on",
      AXIAL_LOG_LEVEL: "info",
    },
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
  });
  const lines = () => text.split("\n").slice(0, -1);
  const logged = () => lines().map((line) => JSON.parse(line) as LogLine);
  return { child, url: `http://127.0.0.1:${at}`, logged };
}

function processOf(service: string): Process {
  const found = processes.get(service);
  if (found === undefined) throw new Error(`${service} was not started`);
  return found;
}

async function readiness({ url }: Process): Promise<Readiness | null> {
  const answer = await fetch(`${url}/readyz`).catch(() => null);
  return answer === null ? null : ((await answer.json()) as Readiness);
}

const call = ({ url }: Process, path: string) =>
  fetch(`${url}${path}`, { headers: { authorization: `Bearer ${KEY}` } });

test.each(SERVICES)(
  "%s starts without Postgres: alive, unready, and says why",
  async (name, path) => {
    const service = processOf(name);
    const ready = await eventually(
      "it listens",
      async () => {
        if (service.child.exitCode !== null) throw new Error(`${name} ended`);
        return readiness(service);
      },
      WITHIN_MS,
    );
    expect(ready.status).toBe("unready");
    const [database] = ready.failures.filter((failure) => failure.name === "database");
    expect(database?.reason).toContain("ECONNREFUSED");
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
    const answer = await call(service, path);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "unavailable" });
  },
);

test(
  "once Postgres is there, every one of them serves, having logged the outage once",
  async () => {
    postgres = await startPostgres();
    for (const [name, path] of SERVICES) {
      const service = processOf(name);
      const isReady = async () => (await readiness(service))?.status === "ok";
      await eventually(`${name} is ready`, isReady, WITHIN_MS);
      // Any of them may have been first to bring the schema up; the gateway makes the key.
      const answered = async () => (await call(service, path)).ok;
      await eventually(`${name} answers`, answered, WITHIN_MS);
      const lines = service.logged();
      const errors = lines.filter(({ level }) => level === "error" || level === "fatal");
      const outages = errors.map(({ msg, dependency }) => `${msg} ${dependency ?? ""}`);
      expect(outages).toContain("waiting for the database ");
      expect(new Set(outages).size).toBe(outages.length);
      expect(lines.filter(({ msg }) => msg === "the database is ready")).toHaveLength(1);
    }
  },
  WITHIN_MS * 2,
);

test("a signal ends one that still waits, with 0", async () => {
  await postgres.stop();
  const waiting = await startService("gateway", `postgres://axial:none@127.0.0.1:${port}/late`);
  try {
    const listens = async () => (await readiness(waiting)) !== null;
    await eventually("it listens", listens, WITHIN_MS);
    const ended = once(waiting.child, "exit");
    waiting.child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  } finally {
    waiting.child.kill("SIGKILL");
  }
});
