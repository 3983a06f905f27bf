import { eventually, phantomSeries, queueBackends, redisSays } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheusMissing, startPrometheus } from "../src/prometheus-server.ts";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

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

    /** Sends a STAT study of six slices, closed by the same request. */
    const sendStat = async (): Promise<void> => {
      const { files } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed: 7 });
      const { contentType, body } = multipartRelated(files);
      const headers = { "content-type": contentType, "axial-close": "true", "axial-lane": "stat" };
      const init = { method: "POST", headers, body };
      expect((await system.fetch("gateway", "/dicom-web/studies", init)).status).toBe(200);
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
      await sendStat();
      await fires("AxialLaneWithoutWorkers");
      await system.start("worker");
      await ends("AxialLaneWithoutWorkers");
    });
  },
);
