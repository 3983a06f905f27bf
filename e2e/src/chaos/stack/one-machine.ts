import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openSmallDisk, type SmallDisk } from "@axial/testkit";
import type { Backend } from "../options.ts";
import { newAdminKey, newFolder } from "./folder.ts";
import { here } from "./place.ts";
import { startPostgresServer, startRedisServer } from "./servers.ts";
import { keepServices, servicesTogether, untilReady } from "./services.ts";
import type { Service, Stack } from "./stack.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** Two wherever two of a kind could get in each other's way. */
const REPLICAS: Readonly<Record<Service, number>> = {
  gateway: 2,
  archive: 1,
  worker: 2,
  results: 1,
};

/** Everything on one machine, with everything around it that can break there. */
export interface OneMachine extends Stack {
  readonly network: { readonly database: TcpProxy; readonly queue: TcpProxy };
  readonly disk: SmallDisk;
}

/** Starts everything and waits until it is ready. */
export async function startOneMachine(backend: Backend): Promise<OneMachine> {
  const folder = await newFolder("axial-chaos-");
  const disk = await openSmallDisk(join(folder, "blobs"));
  const postgres = await startPostgresServer(join(folder, "postgres", "cluster"));
  const redis =
    backend === "redis" ? await startRedisServer(join(folder, "redis"), await here()) : null;
  const databaseUrl = await postgres.database("axial");
  const queueUrl = redis === null ? databaseUrl : `redis://${redis.host}:${redis.port}`;
  const network = {
    database: await TcpProxy.open(postgres.port),
    queue: await TcpProxy.open((redis ?? postgres).port),
  };
  const common = {
    folder,
    marker: randomBytes(8).toString("hex"),
    adminKey: newAdminKey(),
    blobFolder: disk.folder,
  };
  const options = {
    ...common,
    databaseUrl: withPort(databaseUrl, network.database.port),
    queueUrl: withPort(queueUrl, network.queue.port),
    destinationNetwork: "127.0.0.0/8",
  };
  const together = servicesTogether(await keepServices(options, REPLICAS, here));
  return untilReady({
    ...common,
    ...together,
    backend,
    postgres,
    redis,
    databaseUrl,
    queueUrl,
    network,
    disk,
    outside: "127.0.0.1",
    close: async (keep) => {
      await together.stopServices();
      await Promise.all([network.database.close(), network.queue.close()]);
      await redis?.stop();
      await postgres.stop();
      await disk.close();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  });
}

function withPort(url: string, port: number): string {
  const parsed = new URL(url);
  parsed.port = String(port);
  return parsed.href;
}
