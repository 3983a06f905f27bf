import { setTimeout as delay } from "node:timers/promises";
import { LANES, type Lane } from "@axial/contracts";
import {
  eventually,
  needs,
  phantomSeries,
  queueBackends,
  redisSays,
  TINY_MODEL_ID,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../src/chaos/audit/query.ts";
import { deployedQueries } from "../src/deployed-queries.ts";
import { startPrometheus } from "../src/prometheus-server.ts";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

/** What only a worker with a GPU, or DCGM's exporter, answers. */
const NO_GPU_HERE = /\b(axial_gpu_|DCGM_)/;
const SEEN = ["bright", "dark", "textured"];
const SEEDS: Readonly<Record<Lane, number>> = { stat: 7, routine: 8, backfill: 9 };

const redis = queueBackends().find(({ name }) => name === "redis");
/** The rules' own times are in deploy/prometheus/alerts.yaml; this is for a busy machine. */
const FIRES_WITHIN_MS = 120_000;
const TEST_WITHIN_MS = 300_000;
/** A query that has no answer yet has none before the next scrape. */
const SCRAPE_MS = 1_000;

describe("alarms of a real system in a real Prometheus", needs("prometheus", "redis"), () => {
  let system: System;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;

  beforeAll(async () => {
    if (redis === undefined) throw new Error("Redis is one of the backends");
    system = await startSystem(redis);
    prometheus = await startPrometheus(SERVICES.map((service) => system.url[service]));
  }, TEST_WITHIN_MS);
  afterAll(async () => {
    await prometheus?.stop();
    await system?.stop();
  });

  const firing = async (): Promise<string[]> => {
    const series = await prometheus.api.query('ALERTS{alertstate="firing"}');
    return series.map(({ metric }) => metric.alertname ?? "");
  };
  const fires = (alert: string) =>
    eventually(`${alert} fires`, async () => (await firing()).includes(alert), FIRES_WITHIN_MS);
  const ends = (alert: string) =>
    eventually(`${alert} ends`, async () => !(await firing()).includes(alert), FIRES_WITHIN_MS);
  const redisIs = (command: string) => redisSays(system.queueUrl, command);

  /** Sends a study of six slices, closed by the same request; returns its UID. */
  const send = async (lane: Lane): Promise<string> => {
    const seed = SEEDS[lane];
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed });
    const { contentType, body } = multipartRelated(files);
    const headers = { "content-type": contentType, "axial-close": "true", "axial-lane": lane };
    const init = { method: "POST", headers, body };
    expect((await system.fetch("gateway", "/dicom-web/studies", init)).status).toBe(200);
    return studyUid;
  };

  /** A reader who saw another thing in the first of the studies. */
  const readerSays = async (studies: readonly string[]): Promise<void> => {
    const lines = studies.map((study, at) => `${study},${TINY_MODEL_ID},${SEEN[at]}`);
    const init = {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: ["study,model,label", ...lines].join("\n"),
    };
    const said = await system.fetch("results", "/api/v1/feedback/csv", init);
    expect(await said.json()).toEqual({ verdicts: studies.length, silent: 0 });
  };

  it("a system that is well has no page", { timeout: TEST_WITHIN_MS }, async () => {
    await eventually("workers are seen", async () => {
      const [capacity] = await prometheus.api.query('axial_lane_capacity{lane="stat"}');
      return Number(capacity?.value[1]) > 0;
    });
    await eventually("no page is left from before the first scrape", async () => {
      const pages = await prometheus.api.query('ALERTS{alertstate="firing",severity="page"}');
      return pages.length === 0;
    });
  });

  it("has an answer to every query of the dashboards and of KEDA, with a ServiceMonitor's labels", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    const made = await system.fetch("results", "/api/v1/destinations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ kind: "webhook", name: "nobody", url: "http://127.0.0.1:9/" },
        syntheticModels: [TINY_MODEL_ID],
      }),
    });
    expect(made.status).toBe(201);
    const studies: string[] = [];
    for (const lane of LANES) studies.push(await send(lane));
    for (const study of studies) await system.study(study, "complete");
    await readerSays(studies);
    await seedQuality(system.databaseUrl);
    const queries = await deployedQueries();
    expect(queries.length).toBeGreaterThan(100);
    let empty: string[] = [];
    await eventually(
      "every query has an answer",
      async () => {
        const answers = await Promise.all(queries.map((text) => prometheus.api.query(text)));
        empty = queries.filter((_query, index) => answers[index]?.length === 0);
        const isWhole = empty.every((text) => NO_GPU_HERE.test(text));
        if (!isWhole) await delay(SCRAPE_MS);
        return isWhole;
      },
      FIRES_WITHIN_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${empty.join("\n")}`);
    });
    // Our own label of that name is still there under the other.
    const [named] = await prometheus.api.query('axial_control_leader{exported_service="gateway"}');
    expect(named?.metric.service).toBe("axial-gateway");
  });

  it("a Redis that became a replica pages, and no longer once it is not", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await redisIs("REPLICAOF 127.0.0.1 1");
    await fires("AxialQueueRefusesWrites");
    await fires("AxialDependencyDown");
    await redisIs("REPLICAOF NO ONE");
    await ends("AxialQueueRefusesWrites");
  });

  it("a full Redis and one that evicts page", { timeout: TEST_WITHIN_MS }, async () => {
    await redisIs("CONFIG SET maxmemory 1mb");
    await fires("AxialQueueFull");
    await fires("AxialQueueRefusesWrites");
    await redisIs("CONFIG SET maxmemory 0");
    await redisIs("CONFIG SET maxmemory-policy allkeys-lru");
    await fires("AxialQueueEvicts");
    await redisIs("CONFIG SET maxmemory-policy noeviction");
    await ends("AxialQueueEvicts");
  });

  it("no worker is left while a STAT study waits: pages, although nothing works", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await system.process("worker").end("SIGKILL");
    await send("stat");
    await fires("AxialLaneWithoutWorkers");
    await system.start("worker");
    await ends("AxialLaneWithoutWorkers");
  });
});

/** A day of results of one scanner, which this test does not have the time to make, and a reference. */
async function seedQuality(databaseUrl: string): Promise<void> {
  const figures = { score: 10, "input-mean": 7, "out-of-domain": 0, indeterminate: 0, refused: 0 };
  const rows = Object.entries(figures).map(([figure, bin]) => ({ figure, bin }));
  await query(
    databaseUrl,
    `INSERT INTO quality_count (hour, tenant_id, model_id, model_version, site, scanner, figure, bin,
      count)
    SELECT date_trunc('hour', now()), 'default', $1, '1.0.0', 'a', 'b', figure, bin, 200
    FROM jsonb_to_recordset($2::jsonb) AS one(figure text, bin integer)
    ON CONFLICT DO NOTHING`,
    [TINY_MODEL_ID, JSON.stringify(rows)],
  );
  const counts = Array.from({ length: 20 }, () => 10);
  const reference = { measuredOn: "a test", results: 200, figures: { score: counts } };
  await query(
    databaseUrl,
    "INSERT INTO quality_reference (model_id, model_version, reference) VALUES ($1, '1.0.0', $2)",
    [TINY_MODEL_ID, JSON.stringify(reference)],
  );
}
