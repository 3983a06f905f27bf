import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, freePort, openSmallDisk, type SmallDisk, TINY_MODELS } from "@axial/testkit";
import type { Backend } from "../options.ts";
import { KeptProcess } from "./kept-process.ts";
import { type RestartableServer, startPostgresServer, startRedisServer } from "./servers.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export const SERVICES = ["gateway", "worker", "results"] as const;
export type Service = (typeof SERVICES)[number];

/** Two wherever two of a kind could get in each other's way. */
const REPLICAS: Readonly<Record<Service, number>> = { gateway: 2, worker: 2, results: 1 };
/** Every process of a run has it in its environment, so that one that is left behind is found. */
export const MARKER = "AXIAL_CHAOS_RUN";
const READY_WITHIN_MS = 120_000;

/** The whole of Axial as separate processes, with everything around it that can break. */
export interface Stack {
  readonly backend: Backend;
  /** Value of `MARKER` in the environment of every process. */
  readonly marker: string;
  readonly folder: string;
  readonly adminKey: string;
  readonly services: Readonly<Record<Service, readonly KeptProcess[]>>;
  readonly postgres: RestartableServer;
  readonly redis: RestartableServer | null;
  /** Past the proxy: for audits and faults, never for services. */
  readonly databaseUrl: string;
  readonly network: { readonly database: TcpProxy; readonly queue: TcpProxy };
  readonly disk: SmallDisk;
  /** Every service says that it is ready. */
  isReady(): Promise<boolean>;
  /** Ends all processes; resolves with what did not end as it should. */
  stopServices(): Promise<string[]>;
  /** Ends the servers too and removes what was written. */
  close(keep: boolean): Promise<void>;
}

/** Starts everything and waits until it is ready. */
export async function startStack(backend: Backend): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "axial-chaos-"));
  // Postgres runs as another user when root runs this, and must reach its folder.
  await chmod(folder, 0o755);
  await mkdir(join(folder, "logs"));
  const disk = await openSmallDisk(join(folder, "blobs"));
  const postgres = await startPostgresServer(join(folder, "postgres", "cluster"));
  const redis = backend === "redis" ? await startRedisServer(join(folder, "redis")) : null;
  const databaseUrl = await postgres.database("axial");
  const network = {
    database: await TcpProxy.open(postgres.port),
    queue: await TcpProxy.open((redis ?? postgres).port),
  };
  const through = (url: string, proxy: TcpProxy) => withPort(url, proxy.port);
  const marker = randomBytes(8).toString("hex");
  const adminKey = `axial_chaos_${randomBytes(16).toString("hex")}`;
  const environment = {
    [MARKER]: marker,
    AXIAL_DATABASE_URL: through(databaseUrl, network.database),
    AXIAL_QUEUE_URL: through(redis === null ? databaseUrl : "redis://127.0.0.1", network.queue),
    AXIAL_BLOB_URL: `file://${disk.folder}`,
    AXIAL_ADMIN_KEY: adminKey,
    ...SETTINGS,
  };
  const services = await startServices(folder, environment);
  const all = Object.values(services).flat();
  const stack: Stack = {
    backend,
    marker,
    folder,
    adminKey,
    services,
    postgres,
    redis,
    databaseUrl,
    network,
    disk,
    isReady: async () => (await Promise.all(all.map((one) => one.isReady()))).every(Boolean),
    stopServices: async () => {
      const codes = await Promise.all(all.map((one) => one.stop()));
      return all.flatMap(({ name }, index) =>
        codes[index] === 0 ? [] : [`${name} ended with ${codes[index]}`],
      );
    },
    close: async (keep) => {
      await Promise.all(all.map((one) => one.stop()));
      await Promise.all([network.database.close(), network.queue.close()]);
      await redis?.stop();
      await postgres.stop();
      await disk.close();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
  await eventually("every service is ready", stack.isReady, READY_WITHIN_MS).catch(
    async (error) => {
      await stack.close(true);
      throw error;
    },
  );
  return stack;
}

/** Small, so that two runs fit on one core; nothing of the disk is held back, so that it fills. */
const SETTINGS = {
  AXIAL_MODELS_DIR: TINY_MODELS,
  AXIAL_HOST: "127.0.0.1",
  AXIAL_WORKER_SESSIONS: "1",
  AXIAL_WORKER_THREADS: "1",
  AXIAL_WORKER_DECODE_THREADS: "1",
  AXIAL_WEBHOOK_NETWORKS: "127.0.0.0/8",
  AXIAL_RESERVED_DISK_BYTES: "0",
};

const MAIN: Readonly<Record<Service, string>> = {
  gateway: fileURLToPath(import.meta.resolve("@axial/gateway/main")),
  results: fileURLToPath(import.meta.resolve("@axial/results/main")),
  worker: fileURLToPath(import.meta.resolve("@axial/worker/main")),
};

async function startServices(
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<Record<Service, KeptProcess[]>> {
  const start = async (service: Service, number: number) => {
    const port = String(await freePort());
    const name = `${service}-${number}`;
    return new KeptProcess({
      name,
      script: MAIN[service],
      environment: { ...environment, AXIAL_PORT: port, AXIAL_WORKER_PORT: port },
      url: `http://127.0.0.1:${port}`,
      logFile: join(folder, "logs", `${name}.log`),
    });
  };
  const started: Record<Service, KeptProcess[]> = { gateway: [], worker: [], results: [] };
  for (const service of SERVICES) {
    for (let number = 1; number <= REPLICAS[service]; number++) {
      started[service].push(await start(service, number));
    }
  }
  return started;
}

function withPort(url: string, port: number): string {
  const parsed = new URL(url);
  parsed.port = String(port);
  return parsed.href;
}
