import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, TINY_MODELS } from "@axial/testkit";
import { KeptProcess } from "./kept-process.ts";
import type { ServicePlace } from "./place.ts";
import { MARKER, SERVICES, type Service, type Stack } from "./stack.ts";

const READY_WITHIN_MS = 120_000;

/** Small, so that two runs fit on one core; nothing of the disk is held back, so that it fills. */
const SETTINGS = {
  AXIAL_MODELS_DIR: TINY_MODELS,
  AXIAL_WORKER_SESSIONS: "1",
  AXIAL_WORKER_THREADS: "1",
  AXIAL_WORKER_DECODE_THREADS: "1",
  AXIAL_RESERVED_DISK_BYTES: "0",
};

const MAIN: Readonly<Record<Service, string>> = {
  gateway: fileURLToPath(import.meta.resolve("@axial/gateway/main")),
  archive: fileURLToPath(import.meta.resolve("@axial/archive/main")),
  results: fileURLToPath(import.meta.resolve("@axial/results/main")),
  worker: fileURLToPath(import.meta.resolve("@axial/worker/main")),
};

/** What every service of a run is told, wherever it runs. */
interface ServicesOptions extends Pick<Stack, "folder" | "marker" | "adminKey"> {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly blobFolder: string;
  /** The network of the receiver of results. */
  readonly destinationNetwork: string;
}

/** Starts service `name` at a place, and keeps it going there. */
export function keepService(
  options: ServicesOptions,
  { service, name, place }: { service: Service; name: string; place: ServicePlace },
): KeptProcess {
  const { host, launcher, dimsePort } = place;
  const port = String(place.port);
  return new KeptProcess({
    name,
    script: MAIN[service],
    launcher,
    environment: {
      ...SETTINGS,
      [MARKER]: options.marker,
      AXIAL_DATABASE_URL: options.databaseUrl,
      AXIAL_QUEUE_URL: options.queueUrl,
      AXIAL_BLOB_URL: `file://${options.blobFolder}`,
      AXIAL_ADMIN_KEY: options.adminKey,
      AXIAL_OUTCOME_KEYS: options.adminKey,
      AXIAL_DESTINATION_NETWORKS: options.destinationNetwork,
      AXIAL_HOST: host,
      AXIAL_WORKER_HOST: host,
      AXIAL_PORT: port,
      AXIAL_WORKER_PORT: port,
      AXIAL_DIMSE_PORT: String(dimsePort),
    },
    url: `http://${host}:${port}`,
    associations: { host, port: dimsePort },
    logFile: join(options.folder, "logs", `${name}.log`),
  });
}

/** Starts as many of each as `replicas` says; `placeOf` tells where each goes. */
export async function keepServices(
  options: ServicesOptions,
  replicas: Readonly<Record<Service, number>>,
  placeOf: (service: Service, name: string) => Promise<ServicePlace>,
): Promise<Record<Service, KeptProcess[]>> {
  const kept: Record<Service, KeptProcess[]> = {
    gateway: [],
    archive: [],
    worker: [],
    results: [],
  };
  for (const service of SERVICES) {
    for (let number = 1; number <= replicas[service]; number++) {
      const name = `${service}-${number}`;
      kept[service].push(
        keepService(options, { service, name, place: await placeOf(service, name) }),
      );
    }
  }
  return kept;
}

/** The part of a stack that depends on its services alone. They may be replaced while it runs. */
export function servicesTogether(
  services: Readonly<Record<Service, readonly KeptProcess[]>>,
): Pick<Stack, "services" | "isReady" | "stopServices"> {
  const all = () => Object.values(services).flat();
  return {
    services,
    isReady: async () => (await Promise.all(all().map((one) => one.isReady()))).every(Boolean),
    stopServices: async () => {
      const stopped = await Promise.all(
        all().map(async (one) => ({ name: one.name, code: await one.stop() })),
      );
      return stopped.flatMap(({ name, code }) =>
        code === 0 ? [] : [`${name} ended with ${code}`],
      );
    },
  };
}

/** Waits until all of it is ready; a stack that never is, is closed, and its folder stays. */
export async function untilReady<Started extends Stack>(stack: Started): Promise<Started> {
  try {
    await eventually("every service is ready", stack.isReady, READY_WITHIN_MS);
    return stack;
  } catch (error) {
    await stack.close(true);
    throw error;
  }
}
