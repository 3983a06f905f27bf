import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { LANES, type Lane } from "@axial/contracts";
import {
  Certificates,
  eventually,
  needs,
  openSmallDisk,
  phantomSeries,
  queueBackends,
  redisSays,
  type SmallDisk,
  TINY_MODEL_ID,
  TINY_MODELS,
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

/** Of a disk that is full but for a hundredth: a tmpfs counts its size by what is on it. */
const WRITTEN_BYTES = 64 * 2 ** 20;
const LEFT_BYTES = 2 ** 19;
/** More than any disk has: the gateway then has no room at all. */
const NO_DISK_HAS = 1e15;
const EXPIRES_IN_DAYS = 5;
/** What dashboards stand on and only work makes grow. */
const COUNTED_FROM_ZERO = [
  "axial_results_total",
  "axial_inference_total",
  "axial_inference_batches_total",
  "axial_batch_limited_by_total",
  "axial_refusals_total",
  "axial_task_failures_total",
];

const redis = queueBackends().find(({ name }) => name === "redis");
/** The rules' own times are in deploy/prometheus/alerts.yaml; this is for a busy machine. */
const FIRES_WITHIN_MS = 120_000;
const TEST_WITHIN_MS = 300_000;
/** A query that has no answer yet has none before the next scrape. */
const SCRAPE_MS = 1_000;

describe("alarms of a real system in a real Prometheus", needs("prometheus", "redis"), () => {
  let system: System;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let folder: string;
  let disk: SmallDisk;
  /** Of the gateway's next start. */
  const gateway: NodeJS.ProcessEnv = {};

  beforeAll(async () => {
    if (redis === undefined) throw new Error("Redis is one of the backends");
    folder = await mkdtemp(join(tmpdir(), "axial-alarms-"));
    disk = await openSmallDisk(join(folder, "small"));
    system = await startSystem(redis, TINY_MODELS, { extra: { gateway } });
    prometheus = await startPrometheus(SERVICES.map((service) => system.url[service]));
  }, TEST_WITHIN_MS);
  afterAll(async () => {
    await prometheus?.stop();
    await system?.stop();
    await disk?.close();
    await rm(folder, { recursive: true, force: true });
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

  it("counts from zero before the first study: a series that begins with its first event has no rate", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    for (const metric of COUNTED_FROM_ZERO) {
      const series = await eventually(`${metric} is there`, async () => {
        const found = await prometheus.api.query(metric);
        return found.length > 0 && found;
      });
      expect([metric, ...new Set(series.map(({ value }) => value[1]))]).toEqual([metric, "0"]);
    }
  });

  it("has an answer to every query of the dashboards and of KEDA, with a ServiceMonitor's labels", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    const made = await system.fetch("results", "/api/v1/destinations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ kind: "webhook", name: "unreachable", url: "http://127.0.0.1:9/" },
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

  it("a scanner whose images are unlike the reference raises an alarm", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await fires("AxialModelDrifts");
    // Told of at the end: its figures are read once a minute.
    await scannerIsAsInTheReference(system.databaseUrl);
  });

  it("no backup has ever been made: a ticket, until there is one", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await fires("AxialBackupOld");
    await query(
      system.databaseUrl,
      "INSERT INTO completed_backup (id, at, rows, blobs, missing) VALUES ('a', now(), 1, 1, 0)",
    );
    await ends("AxialBackupOld");
  });

  it("tasks that died are tickets, by what ended them", { timeout: TEST_WITHIN_MS }, async () => {
    const become = (state: string) =>
      query(
        system.databaseUrl,
        "UPDATE task SET state = $1, error_code = 'decode-failed' WHERE state IN ('done', 'dead')",
        [state],
      );
    await become("dead");
    await fires("AxialDeadLetters");
    await become("done");
    await ends("AxialDeadLetters");
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
    // As if that had been two minutes ago.
    await query(
      system.databaseUrl,
      `UPDATE task SET not_before = now() - interval '2 minutes'
         WHERE lane = 'stat' AND state IN ('pending', 'dispatched')`,
    );
    await fires("AxialStatWaits");
    await system.start("worker");
    await ends("AxialLaneWithoutWorkers");
    await ends("AxialStatWaits");
  });

  it("a gateway that is gone, then has no room left on its disk and an old certificate, pages", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    const certificates = new Certificates(folder);
    certificates.authority("authority");
    certificates.issue("door", "authority", EXPIRES_IN_DAYS);
    gateway.AXIAL_DIMSE_TLS_CERT = certificates.pem("door");
    gateway.AXIAL_DIMSE_TLS_KEY = certificates.key("door");
    if (disk.skip === null) {
      await writeFile(join(disk.folder, "written"), Buffer.alloc(WRITTEN_BYTES));
      await disk.fill(LEFT_BYTES);
      gateway.AXIAL_BLOB_URL = pathToFileURL(disk.folder).href;
    } else {
      console.log(`a full disk is not tried: ${disk.skip}`);
      gateway.AXIAL_RESERVED_DISK_BYTES = String(NO_DISK_HAS);
    }
    await system.process("gateway").end("SIGKILL");
    await fires("AxialTargetDown");
    await system.start("gateway");
    const full = disk.skip === null ? ["AxialDiskFull", "AxialDiskFills"] : [];
    for (const alert of [...full, "AxialLaneClosed", "AxialLimitNear", "AxialCertificateExpires"]) {
      await fires(alert);
    }
    if (disk.skip === null) {
      await disk.fill();
      await eventually("the gateway says that it cannot write blobs", async () => {
        const answer = await system.fetch("gateway", "/readyz");
        const { failures } = (await answer.json()) as { failures: { name: string }[] };
        return answer.status === 503 && failures.some(({ name }) => name === "blobs");
      });
      await fires("AxialDependencyDown");
    }
    await disk.relieve();
    for (const name of Object.keys(gateway)) delete gateway[name];
    await system.process("gateway").end("SIGTERM");
    await system.start("gateway");
    await ends("AxialLaneClosed");
    await ends("AxialCertificateExpires");
    await ends("AxialTargetDown");
  });

  it("the scanner's alarm has ended, now that its images are as in the reference", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await ends("AxialModelDrifts");
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

/** As many results of that scanner in every bin as the reference has. */
async function scannerIsAsInTheReference(databaseUrl: string): Promise<void> {
  await query(
    databaseUrl,
    `WITH drifted AS (DELETE FROM quality_count WHERE scanner = 'b' AND figure = 'score' RETURNING *)
    INSERT INTO quality_count (hour, tenant_id, model_id, model_version, site, scanner, figure, bin,
      count)
    SELECT hour, tenant_id, model_id, model_version, site, scanner, figure, one.bin, 10
    FROM drifted, generate_series(0, 19) AS one(bin)`,
  );
}
