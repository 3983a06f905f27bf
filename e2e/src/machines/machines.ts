import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../chaos/options.ts";
import { newAdminKey, newFolder } from "../chaos/stack/folder.ts";
import type { ServicePlace } from "../chaos/stack/place.ts";
import { startRedisServer } from "../chaos/stack/servers.ts";
import {
  keepService,
  keepServices,
  servicesTogether,
  untilReady,
} from "../chaos/stack/services.ts";
import type { Service, Stack } from "../chaos/stack/stack.ts";
import type { Host } from "./host.ts";
import { Network } from "./network.ts";
import { startPostgresOn } from "./postgres-on-host.ts";

const REPLICAS: Readonly<Record<Service, number>> = {
  gateway: 2,
  archive: 1,
  worker: 3,
  results: 2,
};
const SERVICE_PORT = 8080;
const DIMSE_PORT = 11_112;
const REDIS_PORT = 6379;

/** What runs on a host. */
export type Role = Service | "postgres" | "redis";

/** Every process on a machine of its own; blobs on a store that all of them reach. */
export interface Machines extends Stack {
  readonly network: Network;
  /** The hosts of each kind; none of Redis where the queue is in Postgres. */
  readonly hosts: Readonly<Record<Role, readonly Host[]>>;
  /** A worker's host is gone for good, and a new one with a new address takes its place. */
  replaceWorker(host: Host): Promise<void>;
}

/** Starts everything and waits until it is ready. */
export async function startMachines(backend: Backend): Promise<Machines> {
  const folder = await newFolder("axial-machines-");
  const blobFolder = join(folder, "blobs");
  await mkdir(blobFolder);
  const network = await Network.open();
  const hosts: Record<Role, Host[]> = {
    gateway: [],
    archive: [],
    results: [],
    worker: [],
    postgres: [await network.addHost("postgres")],
    redis: backend === "redis" ? [await network.addHost("redis")] : [],
  };
  const [postgresHost] = hosts.postgres as [Host];
  const postgres = await startPostgresOn(postgresHost, {
    folder: join(folder, "postgres", "cluster"),
    network,
  });
  const [redisHost] = hosts.redis;
  const redis =
    redisHost === undefined
      ? null
      : await startRedisServer(join(folder, "redis"), placeOn(redisHost, REDIS_PORT));
  const { databaseUrl } = postgres;
  const common = {
    folder,
    marker: randomBytes(8).toString("hex"),
    adminKey: newAdminKey(),
    blobFolder,
    databaseUrl,
    queueUrl: redis === null ? databaseUrl : `redis://${redis.host}:${redis.port}`,
  };
  const options = { ...common, destinationNetwork: network.subnet };
  const services = await keepServices(options, REPLICAS, async (service, name) => {
    const host = await network.addHost(name);
    hosts[service].push(host);
    return placeOn(host, SERVICE_PORT);
  });
  let workers = REPLICAS.worker;
  const together = servicesTogether(services);
  return untilReady({
    ...common,
    ...together,
    backend,
    postgres,
    redis,
    network,
    hosts,
    outside: network.outside,
    replaceWorker: async (host) => {
      const at = hosts.worker.indexOf(host);
      const [lost] = services.worker.splice(at, 1);
      hosts.worker.splice(at, 1);
      await Promise.all([lost?.abandon(), host.vanish()]);
      workers += 1;
      const name = `worker-${workers}`;
      const successor = await network.addHost(name);
      hosts.worker.push(successor);
      const place = placeOn(successor, SERVICE_PORT);
      services.worker.push(keepService(options, { service: "worker", name, place }));
    },
    close: async (keep) => {
      await together.stopServices();
      await redis?.stop();
      await postgres.stop();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  });
}

function placeOn({ address, launcher }: Host, port: number): ServicePlace {
  return { host: address, port, dimsePort: DIMSE_PORT, launcher };
}
