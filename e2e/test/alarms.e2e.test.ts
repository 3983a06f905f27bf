import { LANES, type Lane } from "@axial/contracts";
import { eventually, phantomSeries, queueBackends, redisSays, TINY_MODEL_ID } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployedQueries } from "../src/deployed-queries.ts";
import { prometheusMissing, startPrometheus } from "../src/prometheus-server.ts";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

/** What only a worker with a GPU, or DCGM's exporter, answers. */
const NO_GPU_HERE = /\b(axial_gpu_|DCGM_)/;
const SEEDS: Readonly<Record<Lane, number>> = { stat: 7, routine: 8, backfill: 9 };

const redis = queueBackends().find(({ name }) => name === "redis");
const skip = prometheusMissing() ?? redis?.skip ?? null;
/** The rules' own times are in deploy/prometheus/alerts.yaml; this is for a busy machine. */
const FIRES_WITHIN_MS = 120_000;
const TEST_WITHIN_MS = 300_000;

describe.skipIf(skip !== null)(
  `alarms of a real system in a real Prometheus${skip === null ? "" : ` (skipped: ${skip})`}`,
  () => {
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
      for (const lane of LANES) await system.study(await send(lane), "complete");
      const queries = await deployedQueries();
      expect(queries.length).toBeGreaterThan(100);
      let empty: string[] = [];
      await eventually(
        "every query has an answer",
        async () => {
          const answers = await Promise.all(queries.map((text) => prometheus.api.query(text)));
          empty = queries.filter((_query, index) => answers[index]?.length === 0);
          return empty.every((text) => NO_GPU_HERE.test(text));
        },
        FIRES_WITHIN_MS,
      ).catch((error: Error) => {
        throw new Error(`${error.message}: ${empty.join("\n")}`);
      });
      // Our own label of that name is still there under the other.
      const [named] = await prometheus.api.query(
        'axial_control_leader{exported_service="gateway"}',
      );
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
  },
);
