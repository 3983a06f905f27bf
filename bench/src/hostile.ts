import { fork } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startLocalPostgres } from "@axial/local-postgres";
import { phantomSeries, TINY_MODELS } from "@axial/testkit";
import { benchFolder } from "./bench-folder.ts";
import { eventLoopP99Ms as readEventLoopP99 } from "./control/control-plane.ts";
import { type BenchOptions, quantile, quantiles, rounded } from "./figures.ts";
import type { Attack, AttackReport } from "./hostile/attack-process.ts";
import { type GatewayProcess, startGatewayProcess } from "./ingest/gateway-process.ts";

const ATTACK = fileURLToPath(new URL("./hostile/attack-process.ts", import.meta.url));
/** Stores, reads of metadata, rendered images, frames and heat maps. */
const KINDS = 8;
/** Of each kind of request, at a time. */
const CONCURRENCY = 4;
const REQUESTS = 1_500;
const QUICK_REQUESTS = 20;
/** Between two requests of the other tenant. */
const PAUSE_MS = 10;
/** The limit: twice the idle time and this. */
const GRACE_MS = 50;

/**
 * What another tenant's GET takes while one tenant stores and reads files that cost more than they
 * weigh: deflated instances of 250 KB that inflate to 250 MB, and sequences of 490,000 items. Three
 * GETs are measured, one at each of gateway, archive and results; the slowest one counts.
 */
export async function runHostile({ quick }: BenchOptions): Promise<object> {
  const folder = await benchFolder("hostile");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const services: GatewayProcess[] = [];
  try {
    const databaseUrl = await postgres.database("axial");
    const place = { databaseUrl, folder: join(folder, "blobs") };
    const gateway = await startGatewayProcess(place);
    services.push(gateway);
    const archive = await startGatewayProcess({ ...place, service: "archive" });
    services.push(archive);
    const results = await startGatewayProcess({
      ...{ ...place, service: "results" },
      environment: { AXIAL_MODELS_DIR: TINY_MODELS },
    });
    services.push(results);
    const urls = { gateway: urlOf(gateway), archive: urlOf(archive), results: urlOf(results) };
    const [hostile, victim] = await tenantKeys(urls.gateway, gateway.key);
    const paths = await victimPaths(urls, victim);
    const requests = quick ? QUICK_REQUESTS : REQUESTS;
    await measure(paths, victim, QUICK_REQUESTS);
    const idle = await measure(paths, victim, requests);
    const attack = await startAttack({
      ...{ ...urls, databaseUrl, blobUrl: pathToFileURL(place.folder).href },
      ...{ key: hostile, concurrency: CONCURRENCY },
    });
    await loopP99(services);
    const attacked = await measure(paths, victim, requests);
    const eventLoopP99Ms = await loopP99(services);
    const answers = await attack.stop();
    const [idleP99Ms, attackedP99Ms] = [worstP99(idle), worstP99(attacked)];
    return {
      bench: "hostile",
      idleP99Ms,
      attackedP99Ms,
      limitMs: rounded(2 * idleP99Ms + GRACE_MS, 1),
      within: attackedP99Ms <= 2 * idleP99Ms + GRACE_MS,
      idleMs: idle.map(quantiles),
      attackedMs: attacked.map(quantiles),
      slowestMs: rounded(Math.max(...attacked.flat()), 1),
      measured: ["gateway", "archive", "results"],
      eventLoopP99Ms,
      answers,
      requests,
      attackers: CONCURRENCY * KINDS,
      residentMegabytes: await Promise.all(
        services.map(async (service) => rounded((await service.resident()) / 1e6, 0)),
      ),
    };
  } finally {
    for (const service of services) await service.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of each service, since the last call. */
function loopP99(services: readonly GatewayProcess[]): Promise<number[]> {
  return Promise.all(services.map(async ({ port }) => rounded(await readEventLoopP99(port), 1)));
}

function urlOf({ port }: GatewayProcess): string {
  return `http://127.0.0.1:${port}`;
}

async function tenantKeys(gateway: string, admin: string): Promise<[string, string]> {
  const make = async (tenant: string) => {
    const send = (path: string, body: object) =>
      fetch(`${gateway}/api/v1/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await send("tenants", { id: tenant });
    const made = await send("keys", { tenant, name: tenant, role: "admin" });
    const { key } = (await made.json()) as { key: string };
    return key;
  };
  return [await make("hostile"), await make("victim")];
}

type Urls = Readonly<Record<"gateway" | "archive" | "results", string>>;

/** One GET at each service: keys and a study from the database, its metadata from its files. */
async function victimPaths({ gateway, archive, results }: Urls, key: string): Promise<string[]> {
  const study = phantomSeries({ kind: "brain", slices: 2 });
  for (const bytes of study.files) {
    await fetch(`${gateway}/dicom-web/studies`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/dicom" },
      body: new Uint8Array(bytes),
    });
  }
  return [
    `${gateway}/api/v1/keys`,
    `${archive}/dicom-web/studies/${study.studyUid}/metadata`,
    `${results}/api/v1/studies/${study.studyUid}`,
  ];
}

/** Milliseconds of each request, by path. */
async function measure(
  paths: readonly string[],
  key: string,
  requests: number,
): Promise<number[][]> {
  const times: number[][] = paths.map(() => []);
  for (let request = 0; request < requests; request += 1) {
    for (const [index, path] of paths.entries()) {
      const start = performance.now();
      const response = await fetch(path, { headers: { authorization: `Bearer ${key}` } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      times[index]?.push(performance.now() - start);
    }
    await delay(PAUSE_MS);
  }
  return times;
}

function worstP99(times: readonly (readonly number[])[]): number {
  return rounded(Math.max(...times.map((each) => quantile(each, 0.99))), 1);
}

async function startAttack(attack: Attack) {
  const child = fork(ATTACK);
  child.send(attack);
  await once(child, "message");
  return {
    stop: async () => {
      child.send("stop");
      const [report] = (await once(child, "message")) as [AttackReport];
      await once(child, "exit");
      return report.kind === "answers" ? report.answers : {};
    },
  };
}
