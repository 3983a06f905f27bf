import { setTimeout as delay } from "node:timers/promises";
import { eventually, seededRandom } from "@axial/testkit";
import { auditAnswers } from "../chaos/audit/audit-answers.ts";
import { Door } from "../chaos/load/door.ts";
import { Ledger } from "../chaos/load/ledger.ts";
import { Senders } from "../chaos/load/senders.ts";
import { type Client, getJson, MODEL, postWithCurl, sendWithAxial } from "./client.ts";
import { docker, lines } from "./compose.ts";
import type { Environment } from "./environment.ts";
import { crash, healthy, stopOne } from "./faults.ts";
import { hardeningProblems, OWN_SERVICES } from "./hardening.ts";
import { checkMonitoring } from "./monitoring.ts";
import { Prometheus } from "./prometheus.ts";

/** Studies a second while containers die; what two cores classify beside everything else. */
const RATE = 0.5;
const LOAD_MS = 90_000;
const SETTLE_WITHIN_MS = 300_000;
const SEED = 7;
const CRASHED = ["worker", "redis", "gateway", "s3", "results", "archive"] as const;

interface Scaling {
  readonly outstanding: number;
  readonly workers: number;
}

/** What the running stack must do, in this order. Each step rejects with what is wrong. */
export function steps(environment: Environment, client: Client) {
  const { compose } = environment;
  const scaling = () => getJson<Scaling>(client, "/scaling/all");
  const workersAre = (count: number) =>
    eventually(
      `${count} workers are known`,
      async () => (await scaling().catch(() => null))?.workers === count,
      SETTLE_WITHIN_MS,
    );

  return {
    "containers do not run as root, write nowhere and are Node themselves": async () =>
      none("hardening", await hardeningProblems(compose)),

    "axial send gives a prediction": async () => {
      const models = await sendWithAxial(client);
      if (models.length === 0) throw new Error("no model answered");
    },

    "the README's curl gives a prediction": async () => {
      if ((await postWithCurl(client)) === "") throw new Error("no label in the answer");
    },

    "the console is there and the metrics are not": async () => {
      const status = async (path: string) => (await fetch(`${client.url}${path}`)).status;
      const found = [await status("/console/"), await status("/metrics")];
      if (found.join() !== "200,404") throw new Error(`console and metrics: ${found}`);
    },

    "nothing is lost while containers are killed and workers come and go": async () => {
      const ledger = new Ledger();
      const senders = createSenders(client, ledger);
      const loading = senders.runUntil(Date.now() + LOAD_MS);
      for (const service of CRASHED) await crash(compose, service);
      await compose.scale("worker", 3);
      await workersAre(3);
      const code = await stopOne(compose, "worker");
      if (code !== 0) throw new Error(`a worker that was stopped ended with ${code}`);
      await compose.scale("worker", 1);
      await loading;
      await senders.drained();
      await workersAre(1);
      await eventually(
        "nothing is outstanding",
        async () => (await scaling()).outstanding === 0,
        SETTLE_WITHIN_MS,
      );
      await delay(1_000);
      await audit(environment, ledger);
    },

    "Prometheus scrapes every service; dashboards and alerts ask what it has": async () => {
      const prometheus = new Prometheus(await compose.published("prometheus", 9090));
      const up = await prometheus.query('sum by (component) (up{job="axial"})');
      const scraped = up.filter(({ value }) => value[1] === "1").map(({ metric }) => metric);
      none(
        "not scraped",
        OWN_SERVICES.filter((service) => scraped.every(({ component }) => component !== service)),
      );
      const { queries, rules, empty, problems } = await checkMonitoring(prometheus);
      console.log(
        `    ${queries} queries of dashboards, ${rules} rules; without data: ${empty.join("; ") || "none"}`,
      );
      none("monitoring", problems);
      if (queries === 0 || rules === 0) throw new Error("no dashboards or no rules were found");
    },

    "docker stop ends every service in order": async () => {
      await healthy(compose, "gateway");
      for (const service of OWN_SERVICES) {
        const code = await stopOne(compose, service);
        if (code !== 0) throw new Error(`${service} ended with ${code}`);
      }
    },
  };
}

function createSenders({ url, key }: Client, ledger: Ledger): Senders {
  const random = seededRandom(SEED);
  const giveUp = AbortSignal.timeout(LOAD_MS + SETTLE_WITHIN_MS);
  const door = new Door({ gateways: [url], ledger, random, giveUp });
  return new Senders({ tenants: [{ id: "default", key }], door, ledger, random, rate: RATE });
}

/** Compares the database with what the senders were promised. */
async function audit({ compose, postgresPassword }: Environment, ledger: Ledger): Promise<void> {
  const host = await compose.address("postgres", "database");
  const databaseUrl = `postgres://axial:${postgresPassword}@${host}:5432/axial`;
  const { finished, refused, lost, duplicated, wrong, stuck } = await auditAnswers(
    { databaseUrl },
    ledger,
    MODEL,
  );
  console.log(
    `    ${ledger.studies.length} studies, ${ledger.acknowledged} instances acknowledged: ` +
      `${finished} predictions, ${refused} refusals, ${lost.length} lost, ${duplicated.length} doubled`,
  );
  none("audit", [...lost, ...duplicated, ...wrong, ...stuck, ...ledger.rejections]);
  if (finished === 0) throw new Error("no study of the load was classified");
}

function none(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${what}: ${[...new Set(problems)].join("; ")}`);
}

/** The last log lines of every container, for diagnosis. */
export async function lastLines({ compose, project }: Environment): Promise<string> {
  const ids = lines(await docker("ps", "--all", "--quiet", "--filter", `name=${project}`));
  if (ids.length === 0) return "no container was started";
  return compose.run("logs", "--no-color", "--tail", "30");
}
