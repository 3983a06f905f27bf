import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, rounded } from "./figures.ts";
import { diskRate } from "./ingest/disk-rate.ts";
import { startGatewayProcess } from "./ingest/gateway-process.ts";
import { instanceTemplate } from "./ingest/instance-template.ts";
import { sendLoad } from "./ingest/send-load.ts";
import { slopePerGigabyte } from "./ingest/slope.ts";
import { cpuOfTree } from "./pipeline/cpu-of-tree.ts";

const CLIENTS = 8;
/** What senders put into one request; Orthanc sends 10, a modality a whole series. */
const INSTANCES_PER_REQUEST = 20;
/** Until arenas, heap and connection pools have their size: memory is judged after that. */
const WARM_UP_INSTANCES = 8_000;
const INSTANCES = 12_000;
const QUICK_INSTANCES = 200;

/**
 * STOW-RS instances per second, each synced and committed before its request is answered. The
 * gateway is a process of its own, Postgres syncs its log, and everything shares the machine with
 * the senders. Beside it, what the disk alone does with files of that size in the same run.
 */
export async function runIngest({ quick }: BenchOptions): Promise<object> {
  const instances = quick ? QUICK_INSTANCES : INSTANCES;
  const folder = await benchFolder("ingest");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  try {
    const template = instanceTemplate();
    const diskFilesPerSecond = await diskRate(join(folder, "disk"), template.bytes);
    const databaseUrl = await postgres.database("axial");
    const gateway = await startGatewayProcess({ databaseUrl, folder: join(folder, "blobs") });
    try {
      const load = { gateway, template, clients: CLIENTS, perRequest: INSTANCES_PER_REQUEST };
      await sendLoad({ ...load, instances: quick ? QUICK_INSTANCES : WARM_UP_INSTANCES });
      const cpuBefore = await gateway.cpuSeconds();
      const postgresBefore = await cpuOfTree(postgres.pid);
      const { seconds, samples } = await sendLoad({ ...load, instances });
      const cpu = (await gateway.cpuSeconds()) - cpuBefore;
      const postgresCpu = (await cpuOfTree(postgres.pid)) - postgresBefore;
      return {
        bench: "ingest",
        instancesPerSecond: rounded(instances / seconds, 1),
        megabytesPerSecond: rounded((instances * template.bytes) / seconds / 1e6, 1),
        residentSlopePerGigabyte: rounded(slopePerGigabyte(samples), 2),
        residentSlopeUnit: "MB of resident set per GB received",
        residentMegabytes: rounded((samples.at(-1)?.resident ?? 0) / 1e6, 0),
        gatewayCpuMsPerInstance: rounded((cpu * 1_000) / instances, 3),
        postgresCpuMsPerInstance: rounded((postgresCpu * 1_000) / instances, 3),
        diskFilesPerSecond: rounded(diskFilesPerSecond, 0),
        ofDiskRate: rounded(instances / seconds / diskFilesPerSecond, 2),
        instances,
        bytesPerInstance: template.bytes,
        clients: CLIENTS,
        instancesPerRequest: INSTANCES_PER_REQUEST,
      };
    } finally {
      await gateway.stop();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
