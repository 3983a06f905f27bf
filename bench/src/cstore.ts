import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setInterval as every } from "node:timers/promises";
import { freePort, startLocalPostgres } from "@axial/local-postgres";
import { benchFolder } from "./bench-folder.ts";
import {
  isOrthancInstalled,
  type OrthancServer,
  startOrthancServer,
} from "./cstore/orthanc-server.ts";
import { type StorescuTarget, storescu } from "./cstore/storescu.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";
import { type GatewayProcess, startGatewayProcess } from "./ingest/gateway-process.ts";
import { instanceTemplate } from "./ingest/instance-template.ts";
import { type MemorySample, slopePerGigabyte } from "./ingest/slope.ts";

const ASSOCIATIONS = 8;
const ONE = 800;
const EIGHT = 6_000;
const WARM_UP = 4_000;
const QUICK = { one: 20, eight: 80, warmUp: 80 };
const SAMPLE_EVERY_MS = 500;
const TITLE = "AXIAL";

/**
 * C-STORE instances per second, each synced and committed before its status: one association,
 * and eight, sent by dcmtk's storescu; then one association to Orthanc on the same disk in the
 * same run. Senders share the machine with the servers.
 */
export async function runCstore({ quick }: BenchOptions): Promise<object> {
  const counts = quick ? QUICK : { one: ONE, eight: EIGHT, warmUp: WARM_UP };
  const folder = await benchFolder("cstore");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const template = instanceTemplate();
  const file = join(folder, "instance.dcm");
  await writeFile(
    file,
    Buffer.concat([template.header({ study: 0, instance: 0 }), template.pixels]),
  );
  try {
    const dimsePort = await freePort();
    const gateway = await startGatewayProcess({
      databaseUrl: await postgres.database("axial"),
      folder: join(folder, "blobs"),
      environment: {
        AXIAL_DIMSE_PORT: String(dimsePort),
        AXIAL_DIMSE_DEFAULT_TITLE: TITLE,
      },
    });
    const axial = { port: dimsePort, calledTitle: TITLE };
    const orthanc = isOrthancInstalled() ? await startOrthancServer(join(folder, "orthanc")) : null;
    try {
      await rateOf(axial, file, { associations: ASSOCIATIONS, instances: counts.warmUp });
      const [ones, orthancOnes] = [[], []] as [number[], number[]];
      for (let round = 0; round < (quick ? 1 : 3); round += 1) {
        ones.push(await rateOf(axial, file, { associations: 1, instances: counts.one }));
        if (orthanc !== null) orthancOnes.push(await orthancRate(orthanc, file, counts.one));
      }
      const watched = watchMemory(gateway, template.bytes);
      const eight = await rateOf(axial, file, {
        associations: ASSOCIATIONS,
        instances: counts.eight,
        onSent: watched.sent,
      });
      const samples = await watched.stop();
      const one = median(ones);
      const orthancOne = orthancOnes.length > 0 ? median(orthancOnes) : null;
      return {
        bench: "cstore",
        one: rounded(one, 1),
        eight: rounded(eight, 1),
        orthancOne: orthancOne === null ? null : rounded(orthancOne, 1),
        ratioOne: orthancOne === null ? null : rounded(one / orthancOne, 2),
        residentSlopePerGigabyte: rounded(slopePerGigabyte(samples), 2),
        residentMegabytes: rounded((samples.at(-1)?.resident ?? 0) / 1e6, 0),
        ones: ones.map((rate) => rounded(rate, 1)),
        orthancOnes: orthancOnes.map((rate) => rounded(rate, 1)),
        instances: counts,
        bytesPerInstance: template.bytes,
        associations: ASSOCIATIONS,
      };
    } finally {
      await orthanc?.stop();
      await gateway.stop();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Load {
  readonly associations: number;
  readonly instances: number;
  onSent?(instances: number): void;
}

/** Instances per second over all associations; each is one storescu. */
async function rateOf(target: StorescuTarget, file: string, load: Load): Promise<number> {
  const each = Math.ceil(load.instances / load.associations);
  const start = performance.now();
  await Promise.all(Array.from({ length: load.associations }, () => storescu(target, file, each)));
  load.onSent?.(each * load.associations);
  return (each * load.associations * 1_000) / (performance.now() - start);
}

async function orthancRate(orthanc: OrthancServer, file: string, count: number): Promise<number> {
  const before = await orthanc.count();
  const target = { port: orthanc.dimsePort, calledTitle: "ORTHANC" };
  const rate = await rateOf(target, file, { associations: 1, instances: count });
  const stored = (await orthanc.count()) - before;
  if (stored !== count) throw new Error(`Orthanc stored ${stored} of ${count}`);
  return rate;
}

/** The gateway's resident set against the bytes that were sent, at an even pace. */
function watchMemory(gateway: GatewayProcess, bytes: number) {
  const stopping = new AbortController();
  const readings: { readonly at: number; readonly resident: number }[] = [];
  const start = performance.now();
  let total = 0;
  let end = start;
  const watching = (async () => {
    const { signal } = stopping;
    try {
      for await (const _ of every(SAMPLE_EVERY_MS, undefined, { signal })) {
        readings.push({ at: performance.now(), resident: await gateway.resident() });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  })();
  return {
    sent: (instances: number) => {
      total = instances * bytes;
      end = performance.now();
    },
    stop: async (): Promise<MemorySample[]> => {
      stopping.abort();
      await watching;
      return readings.map(({ at, resident }) => ({
        received: (total * (at - start)) / (end - start),
        resident,
      }));
    },
  };
}
