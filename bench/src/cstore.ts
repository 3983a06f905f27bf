import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startLocalPostgres } from "@axial/local-postgres";
import { benchFolder } from "./bench-folder.ts";
import { writeLargeObject } from "./cstore/large-object.ts";
import {
  isOrthancInstalled,
  type OrthancServer,
  startOrthancServer,
} from "./cstore/orthanc-server.ts";
import { type StorescuTarget, storescu } from "./cstore/storescu.ts";
import { watchMemory } from "./cstore/watch-memory.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";
import { type GatewayProcess, startGatewayProcess } from "./ingest/gateway-process.ts";
import { instanceTemplate } from "./ingest/instance-template.ts";

const ASSOCIATIONS = 8;
const GIGABYTE = 1e9;
/** Instances, except `gigabytes`, over which memory is watched, and frames of the large object: 2 GB. */
const SIZES = { one: 800, eight: 6_000, warmUp: 4_000, gigabytes: 10, frames: 4_096 };
const QUICK = { one: 20, eight: 80, warmUp: 80, gigabytes: 0.02, frames: 8 };
/** Left free of the disk: its owner's. */
const RESERVED_BYTES = 3 * GIGABYTE;
const TITLE = "AXIAL";

/**
 * C-STORE instances per second, each synced and committed before its status: one association,
 * and eight, sent by dcmtk's storescu; then one association to Orthanc on the same disk in the
 * same run. Senders share the machine with the servers. Then the gateway's memory over gigabytes of
 * such instances, and over one large object.
 */
export async function runCstore(options: BenchOptions): Promise<object> {
  const { quick } = options;
  const sizes = quick
    ? QUICK
    : { ...SIZES, gigabytes: Number(options.gigabytes ?? SIZES.gigabytes) };
  const folder = await benchFolder("cstore");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const template = instanceTemplate();
  const file = join(folder, "instance.dcm");
  const header = template.header({ study: 0, instance: 0 });
  await writeFile(file, Buffer.concat([header, template.pixels]));
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
    try {
      const place = { folder, file, gateway, target: { port: dimsePort, calledTitle: TITLE } };
      const rates = await measureRates(place, sizes, quick ? 1 : 3);
      const memory = await measureMemory(place, { ...sizes, bytesPerInstance: template.bytes });
      return {
        bench: "cstore",
        ...{ ...rates, ...memory },
        ...{ instances: sizes, bytesPerInstance: template.bytes, associations: ASSOCIATIONS },
      };
    } finally {
      await gateway.stop();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  /** The instance that is sent, each time as another. */
  readonly file: string;
  readonly gateway: GatewayProcess;
  readonly target: StorescuTarget;
}

type Sizes = Readonly<typeof SIZES>;

async function measureRates({ folder, file, target }: Place, sizes: Sizes, rounds: number) {
  const orthanc = isOrthancInstalled() ? await startOrthancServer(join(folder, "orthanc")) : null;
  const [ones, orthancOnes] = [[], []] as [number[], number[]];
  try {
    await rateOf(target, file, { associations: ASSOCIATIONS, instances: sizes.warmUp });
    for (let round = 0; round < rounds; round += 1) {
      ones.push(await rateOf(target, file, { associations: 1, instances: sizes.one }));
      if (orthanc !== null) orthancOnes.push(await orthancRate(orthanc, file, sizes.one));
    }
  } finally {
    await orthanc?.stop();
    await rm(join(folder, "orthanc"), { recursive: true, force: true });
  }
  const eight = await rateOf(target, file, {
    associations: ASSOCIATIONS,
    instances: sizes.eight,
  });
  const one = median(ones);
  const orthancOne = orthancOnes.length > 0 ? median(orthancOnes) : null;
  return {
    one: rounded(one, 1),
    eight: rounded(eight, 1),
    orthancOne: orthancOne === null ? null : rounded(orthancOne, 1),
    ratioOne: orthancOne === null ? null : rounded(one / orthancOne, 2),
    ones: ones.map((rate) => rounded(rate, 1)),
    orthancOnes: orthancOnes.map((rate) => rounded(rate, 1)),
  };
}

/** Over as many gigabytes as the disk has room for, and then over one object. */
async function measureMemory(
  place: Place,
  { gigabytes, frames, bytesPerInstance }: Sizes & { readonly bytesPerInstance: number },
) {
  const { folder, file, gateway, target } = place;
  const large = join(folder, "large.dcm");
  const largeBytes = await writeLargeObject(large, frames);
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize - largeBytes - RESERVED_BYTES;
  const instances = Math.floor(Math.min(gigabytes * GIGABYTE, room) / bytesPerInstance);
  if (instances < ASSOCIATIONS) throw new Error("the disk is too full to watch memory");
  const bytes = instances * bytesPerInstance;
  const many = await watchMemory({ gateway, bytes }, async () => {
    await rateOf(target, file, { associations: ASSOCIATIONS, instances });
  });
  const before = await gateway.resident();
  const start = performance.now();
  const one = await watchMemory({ gateway, bytes: largeBytes }, () => storescu(target, large, 1));
  const seconds = (performance.now() - start) / 1_000;
  return {
    residentSlopePerGigabyte: rounded(many.slope, 2),
    residentMegabytes: rounded(many.end / 1e6, 0),
    gigabytes: rounded(bytes / GIGABYTE, 2),
    large: {
      gigabytes: rounded(largeBytes / GIGABYTE, 2),
      megabytesPerSecond: rounded(largeBytes / 1e6 / seconds, 0),
      residentRiseMegabytes: rounded((one.most - before) / 1e6, 0),
    },
  };
}

interface Load {
  readonly associations: number;
  readonly instances: number;
}

/** Instances per second over all associations; each is one storescu. */
async function rateOf(target: StorescuTarget, file: string, load: Load): Promise<number> {
  const each = Math.ceil(load.instances / load.associations);
  const start = performance.now();
  await Promise.all(Array.from({ length: load.associations }, () => storescu(target, file, each)));
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
