import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StudyView } from "@axial/contracts";
import { tryConnect } from "@axial/local-postgres";
import {
  eventually,
  freePort,
  type QueueBackend,
  startPostgres,
  TINY_MODELS,
} from "@axial/testkit";
import { query } from "./chaos/audit/query.ts";
import { childrenOf, isAlive } from "./child-processes.ts";
import { TestProcess } from "./processes.ts";

/** What takes studies and answers them: started unless a test says otherwise. */
export const SERVICES = ["gateway", "results", "worker"] as const;
type Service = (typeof SERVICES)[number] | "archive";

const MAIN: Readonly<Record<Service, string>> = {
  archive: fileURLToPath(import.meta.resolve("@axial/archive/main")),
  gateway: fileURLToPath(import.meta.resolve("@axial/gateway/main")),
  results: fileURLToPath(import.meta.resolve("@axial/results/main")),
  worker: fileURLToPath(import.meta.resolve("@axial/worker/main")),
};

const OUTCOME_KEY = "outcomes_test_key_0123456789abcdef";
const KEY = "axial_test_key_0123456789abcdef0123456789";
const READY_WITHIN_MS = 170_000;

/** The whole system as it runs in a cluster: every service a process of its own. */
export interface System {
  readonly url: Readonly<Record<Service, string>>;
  readonly queueUrl: string;
  readonly databaseUrl: string;
  readonly key: string;
  /** Where the gateway takes C-STORE, as AXIAL from every caller. */
  readonly dimsePort: number;
  process(service: Service): TestProcess;
  /** Starts a service (again) on its port and waits until it is ready. */
  start(service: Service): Promise<TestProcess>;
  /** Starts one more of a service beside the present one, on a port of its own. */
  startBeside(service: Service): Promise<TestProcess>;
  /**
   * Kills one of PostgreSQL's processes: the server drops every connection, recovers from its log
   * and takes new ones.
   */
  crashPostgres(): Promise<void>;
  fetch(service: Service, path: string, init?: RequestInit): Promise<Response>;
  /** The study once it is in `state`. */
  study(uid: string, state: StudyView["state"]): Promise<StudyView>;
  /** Everything that every process wrote, those that died included. */
  logs(): string;
  stop(): Promise<void>;
}

interface SystemOptions {
  /** Added to the environments of services. */
  readonly extra?: Partial<Record<Service, NodeJS.ProcessEnv>>;
  /** Those that are started; all of them without it. */
  readonly services?: readonly Service[];
}

/** The tests' servers answer before a commit is in the log: a crash of PostgreSQL would lose it. */
const KEEP_WHAT_IS_COMMITTED = `DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database());
END $$`;

export async function startSystem(
  backend: QueueBackend,
  models = TINY_MODELS,
  { extra = {}, services = SERVICES }: SystemOptions = {},
): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-"));
  const postgres = await startPostgres();
  const queue = await backend.start();
  const databaseUrl = await postgres.createDatabase();
  await query(databaseUrl, KEEP_WHAT_IS_COMMITTED);
  const dimsePort = await freePort();
  const ports: Readonly<Record<Service, number>> = {
    gateway: await freePort(),
    archive: await freePort(),
    results: await freePort(),
    worker: await freePort(),
  };
  const environment = (service: Service, port: number = ports[service]): NodeJS.ProcessEnv => ({
    AXIAL_DATABASE_URL: databaseUrl,
    AXIAL_QUEUE_URL: queue.url,
    AXIAL_BLOB_URL: `file://${folder}/blobs`,
    AXIAL_MODELS_DIR: models,
    AXIAL_ADMIN_KEY: KEY,
    AXIAL_OUTCOME_KEYS: OUTCOME_KEY,
    AXIAL_HOST: "127.0.0.1",
    AXIAL_LOG_LEVEL: "debug",
    AXIAL_PORT: String(port),
    AXIAL_WORKER_PORT: String(port),
    AXIAL_DESTINATION_NETWORKS: "127.0.0.1",
    ...(service === "gateway" && port === ports.gateway
      ? { AXIAL_DIMSE_PORT: String(dimsePort), AXIAL_DIMSE_DEFAULT_TITLE: "AXIAL" }
      : {}),
    ...extra[service],
  });
  const started: TestProcess[] = [];
  const current = new Map<Service, TestProcess>();
  const url = {
    gateway: `http://127.0.0.1:${ports.gateway}`,
    archive: `http://127.0.0.1:${ports.archive}`,
    results: `http://127.0.0.1:${ports.results}`,
    worker: `http://127.0.0.1:${ports.worker}`,
  };

  const spawned = (service: Service, port: number): TestProcess => {
    const process = new TestProcess(service, {
      script: MAIN[service],
      environment: environment(service, port),
    });
    started.push(process);
    return process;
  };

  const system: System = {
    url,
    queueUrl: queue.url,
    databaseUrl,
    key: KEY,
    dimsePort,
    process: (service) => known(current, service),
    start: async (service) => {
      const process = spawned(service, ports[service]);
      current.set(service, process);
      await ready(process, url[service]);
      return process;
    },
    startBeside: async (service) => {
      const port = await freePort();
      const process = spawned(service, port);
      await ready(process, `http://127.0.0.1:${port}`);
      return process;
    },
    crashPostgres: async () => {
      const [first] = childrenOf(postgres.pid);
      if (first === undefined) throw new Error("PostgreSQL has no process to kill");
      process.kill(first, "SIGKILL");
      const isUp = async () => (await tryConnect(databaseUrl)) === null;
      await eventually("PostgreSQL takes connections again", isUp);
    },
    fetch: (service, path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${KEY}`);
      return fetch(`${url[service]}${path}`, { ...init, headers });
    },
    study: (uid, state) =>
      eventually(
        `study is ${state}`,
        async () => {
          const answer = await system.fetch("results", `/api/v1/studies/${uid}`).catch(() => null);
          if (answer === null || !answer.ok) return false;
          const study = (await answer.json()) as StudyView;
          return study.state === state && study;
        },
        45_000,
      ),
    logs: () => started.map((process) => process.output).join("\n"),
    stop: async () => {
      // A test that failed may have left an engine stopped: it would hold the test run open.
      const engines = started.flatMap((process) => childrenOf(process.pid));
      await Promise.all(started.map((process) => process.end("SIGKILL")));
      for (const engine of engines.filter(isAlive)) process.kill(engine, "SIGKILL");
      await queue.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  for (const service of services) await system.start(service);
  return system;
}

async function ready(process: TestProcess, url: string): Promise<void> {
  await eventually(`${process.name} is ready`, () => isReady(url), READY_WITHIN_MS).catch(
    (error: Error) => {
      throw new Error(`${error.message}\n${process.output.slice(-4_000)}`);
    },
  );
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`).catch(() => null))?.ok ?? false;
}

function known(current: Map<Service, TestProcess>, service: Service): TestProcess {
  const process = current.get(service);
  if (process === undefined) throw new Error(`${service} was never started`);
  return process;
}
