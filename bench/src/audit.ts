import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { chainAudit } from "@axial/store/audit";
import { type Database, openDatabase } from "@axial/store/database";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";
import { type GatewayProcess, startGatewayProcess } from "./ingest/gateway-process.ts";
import { type InstanceTemplate, instanceTemplate } from "./ingest/instance-template.ts";
import { sendLoad } from "./ingest/send-load.ts";
import { cpuOfTree } from "./pipeline/cpu-of-tree.ts";

/** As `ingest` sends: every request is a study of its own, so none is counted into an entry before. */
const CLIENTS = 8;
const INSTANCES_PER_REQUEST = 20;
const ROUNDS = 6;
const WARM_UP_INSTANCES = 800;
const INSTANCES = 800;
const QUICK_INSTANCES = 40;
/** As often as results does it. */
const CHAIN_EVERY_MS = 500;

interface Figures {
  readonly perSecond: number;
  readonly gatewayMs: number;
  readonly postgresMs: number;
}

interface Setting {
  readonly db: Database;
  readonly postgresPid: number;
  readonly template: InstanceTemplate;
}

/**
 * What the audit costs senders: `ingest` through two gateways on one database, alike but that one
 * records no stores, in turns whose order alternates. The one that records also pays for chaining
 * its entries, which is over before its turn is. A third gateway leads, so that neither does.
 */
export async function runAudit({ quick }: BenchOptions): Promise<object> {
  const folder = await benchFolder("audit");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const databaseUrl = await postgres.database("axial");
  const db = openDatabase(databaseUrl);
  const gateways: GatewayProcess[] = [];
  try {
    const shared = {
      databaseUrl,
      folder: join(folder, "blobs"),
      key: randomBytes(24).toString("hex"),
    };
    gateways.push(await startGatewayProcess(shared));
    const on = await startGatewayProcess({ ...shared, service: "audited" });
    gateways.push(on);
    const off = await startGatewayProcess({ ...shared, service: "unaudited" });
    gateways.push(off);

    const setting = { db, postgresPid: postgres.pid, template: instanceTemplate() };
    const turn = (gateway: GatewayProcess, instances: number) =>
      measure(setting, { gateway, instances, chain: gateway === on });
    const instances = quick ? QUICK_INSTANCES : INSTANCES;
    for (const gateway of [on, off]) await turn(gateway, quick ? instances : WARM_UP_INSTANCES);
    const rounds: { on: Figures; off: Figures }[] = [];
    for (let round = 0; round < (quick ? 1 : ROUNDS); round += 1) {
      const first = await turn(round % 2 === 0 ? on : off, instances);
      const second = await turn(round % 2 === 0 ? off : on, instances);
      rounds.push(round % 2 === 0 ? { on: first, off: second } : { on: second, off: first });
    }
    return { bench: "audit", ...summary(rounds), instances, rounds: rounds.length };
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  { db, postgresPid, template }: Setting,
  turn: { readonly gateway: GatewayProcess; readonly instances: number; readonly chain: boolean },
): Promise<Figures> {
  const { gateway, instances } = turn;
  const before = [await gateway.cpuSeconds(), await cpuOfTree(postgresPid)] as const;
  const began = performance.now();
  const chaining = turn.chain ? setInterval(() => void chainAudit(db), CHAIN_EVERY_MS) : undefined;
  try {
    await sendLoad({
      gateway,
      template,
      instances,
      clients: CLIENTS,
      perRequest: INSTANCES_PER_REQUEST,
    });
  } finally {
    clearInterval(chaining);
  }
  if (turn.chain) while ((await chainAudit(db)) > 0);
  const seconds = (performance.now() - began) / 1_000;
  const perInstance = (used: number) => (used * 1_000) / instances;
  return {
    perSecond: instances / seconds,
    gatewayMs: perInstance((await gateway.cpuSeconds()) - before[0]),
    postgresMs: perInstance((await cpuOfTree(postgresPid)) - before[1]),
  };
}

function summary(rounds: readonly { readonly on: Figures; readonly off: Figures }[]) {
  const ratios = rounds.map(({ on, off }) => on.perSecond / off.perSecond);
  const of = (side: "on" | "off") => {
    const figure = (name: keyof Figures) => median(rounds.map((round) => round[side][name]));
    return {
      instancesPerSecond: rounded(figure("perSecond"), 1),
      gatewayCpuMsPerInstance: rounded(figure("gatewayMs"), 3),
      postgresCpuMsPerInstance: rounded(figure("postgresMs"), 3),
    };
  };
  return {
    ratio: rounded(median(ratios), 3),
    lowestRatio: rounded(Math.min(...ratios), 3),
    highestRatio: rounded(Math.max(...ratios), 3),
    audited: of("on"),
    unaudited: of("off"),
  };
}
