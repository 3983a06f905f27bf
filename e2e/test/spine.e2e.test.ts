import { PassThrough } from "node:stream";
import { RESULTS_STREAM } from "@axial/contracts";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import { eventually, onlyIf, phantomSeries, queueBackends, TINY_MODEL_ID } from "@axial/testkit";
import { Client } from "pg";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../src/chaos/audit/query.ts";
import { redisCommand } from "../src/chaos/stack/servers.ts";
import { childrenOf } from "../src/child-processes.ts";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

const ONE = { concurrency: 1 };
const quiet = createLogger({ service: "e2e", destination: new PassThrough() });

const newSeries = (kind: "brain" | "knee" = "brain") =>
  phantomSeries({ kind, slices: 6, size: 64, seed: Math.floor(Math.random() * 1e6) });

/** Sends one generated study, closed by the same request. Returns its UID once acknowledged. */
async function sendStudy(system: System, kind: "brain" | "knee" = "brain"): Promise<string> {
  const { studyUid, files } = newSeries(kind);
  await sendFiles(system, files);
  return studyUid;
}

async function sendFiles(system: System, files: readonly Uint8Array[]): Promise<void> {
  const { contentType, body } = multipartRelated(files);
  const answer = await system.fetch("gateway", "/dicom-web/studies", {
    method: "POST",
    headers: {
      "content-type": contentType,
      accept: "application/dicom+json",
      "axial-close": "true",
    },
    body,
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
}

for (const backend of queueBackends()) {
  const title = `the whole system on ${backend.name}`;
  describe(title, backend.options, () => {
    let system: System;
    let queues: Queues;

    beforeAll(async () => {
      system = await startSystem(backend);
      queues = openQueues(system.queueUrl, { logger: quiet });
    }, 120_000);
    afterAll(async () => {
      await queues?.close();
      await system?.stop();
    });

    const engine = (): number => {
      const [pid] = childrenOf(system.process("worker").pid);
      if (pid === undefined) throw new Error("the worker has no engine");
      return pid;
    };

    /** A study whose only task is held by a stopped engine. */
    const studyInStoppedEngine = async (
      sent: { studyUid: string; files: readonly Uint8Array[] } = newSeries(),
    ): Promise<{ uid: string; engine: number }> => {
      const pid = engine();
      process.kill(pid, "SIGSTOP");
      await sendFiles(system, sent.files);
      await eventually("the job is taken", async () => {
        return (await queues.jobs.counts("infer-routine")).active > 0;
      });
      return { uid: sent.studyUid, engine: pid };
    };

    it("reports per-slice probabilities with all that makes them reproducible", async () => {
      const study = await system.study(await sendStudy(system), "complete");
      expect(study.predictions).toHaveLength(1);
      const [prediction] = study.predictions;
      expect(prediction?.model.id).toBe(TINY_MODEL_ID);
      expect(prediction?.model.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(prediction?.model.evidence).toBe("research");
      expect(prediction?.provider).toBe("cpu");
      expect(prediction?.slices.length).toBeGreaterThan(0);
      for (const slice of prediction?.slices ?? []) {
        const [probabilities] = Object.values(slice.probabilities);
        expect((probabilities ?? []).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 3);
      }
      expect(prediction?.timings.total).toBeGreaterThan(0);
    });

    it("refuses a knee to a brain model and says why", async () => {
      const study = await system.study(await sendStudy(system, "knee"), "complete");
      expect(study.predictions).toEqual([]);
      expect(study.refusals.map((refusal) => refusal.code)).toContain("wrong-body-part");
    });

    it("classifies a PNG within the wait", async () => {
      const png = await sharp({
        create: { width: 80, height: 60, channels: 3, background: "#808080" },
      })
        .png()
        .toBuffer();
      const answer = await system.fetch(
        "gateway",
        `/api/v1/images?model=${TINY_MODEL_ID}&wait=30`,
        { method: "POST", headers: { "content-type": "image/png" }, body: png },
      );
      expect(answer.status, await answer.clone().text()).toBe(200);
      const { study: uid } = (await answer.json()) as { study: string };
      expect((await system.study(uid, "complete")).predictions).toHaveLength(1);
    });

    it("costs one retry at most when the engine is killed with a task in hand", async () => {
      const held = await studyInStoppedEngine();
      process.kill(held.engine, "SIGKILL");
      const study = await system.study(held.uid, "complete");
      expect(study.predictions).toHaveLength(1);
      expect(study.runs[0]?.tasks[0]?.attempt).toBeLessThanOrEqual(2);
    });

    const act = async (uid: string, action: "cancel" | "rerun"): Promise<void> => {
      const path = `/api/v1/studies/${uid}/${action}`;
      const answer = await system.fetch("gateway", path, { method: "POST" });
      expect(answer.status, await answer.clone().text()).toBe(200);
    };

    /** Resumes the engine once its supervisor has sent the withdrawal. */
    const goOnWithdrawn = async (held: { engine: number }, before: number): Promise<void> => {
      await eventually("the worker knows", () => withdrawnSoFar() > before);
      process.kill(held.engine, "SIGCONT");
    };
    const withdrawnSoFar = () =>
      system.process("worker").output.split("a task is withdrawn").length;

    it("drops what a worker has of a study that is cancelled, and takes the next", async () => {
      const [held, before] = [await studyInStoppedEngine(), withdrawnSoFar()];
      await act(held.uid, "cancel");
      await goOnWithdrawn(held, before);
      const next = await system.study(await sendStudy(system), "complete");
      expect(next.predictions).toHaveLength(1);
      const study = await system.study(held.uid, "cancelled");
      expect(study.predictions).toEqual([]);
      expect(study.runs[0]?.tasks.map(({ state, attempt }) => [state, attempt])).toEqual([
        ["cancelled", 1],
      ]);
      const metrics = await (await fetch(`${system.url.worker}/metrics`)).text();
      expect(metrics).toMatch(/axial_tasks_withdrawn_total\{[^}]*\} [1-9]/);
      const dead = await system.fetch("results", "/api/v1/dlq");
      expect(await dead.json()).toMatchObject({ tasks: [], total: 0 });
    });

    it("makes one set of results for a study that is run again right after it was cancelled", async () => {
      const [held, before] = [await studyInStoppedEngine(), withdrawnSoFar()];
      await act(held.uid, "cancel");
      await act(held.uid, "rerun");
      await goOnWithdrawn(held, before);
      const study = await system.study(held.uid, "complete");
      expect(study.predictions).toHaveLength(1);
      expect(study.runs.map(({ state }) => state).toSorted()).toEqual(["cancelled", "complete"]);
    });

    it("drops what a worker has of a run that a late arrival supersedes", async () => {
      const { studyUid, files } = newSeries();
      const first = { studyUid, files: files.slice(0, -1) };
      const [held, before] = [await studyInStoppedEngine(first), withdrawnSoFar()];
      await sendFiles(system, files.slice(-1));
      await goOnWithdrawn(held, before);
      const study = await system.study(held.uid, "complete");
      expect(study.predictions).toHaveLength(1);
      expect(study.runs.map(({ state }) => state).toSorted()).toEqual(["cancelled", "complete"]);
    });

    it("costs one redelivery when the whole worker is killed", async () => {
      const held = await studyInStoppedEngine();
      await system.process("worker").end("SIGKILL");
      process.kill(held.engine, "SIGKILL");
      await system.start("worker");
      const study = await system.study(held.uid, "complete");
      expect(study.predictions).toHaveLength(1);
    });

    const staleResults = async (): Promise<number> => {
      const metrics = await (await fetch(`${system.url.results}/metrics`)).text();
      return Number(/axial_stale_results_total\{[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0);
    };

    /** The whole queue is gone, with the jobs that workers hold. */
    const loseQueue = async (): Promise<void> => {
      const { protocol, hostname: host, port } = new URL(system.queueUrl);
      if (protocol === "redis:") {
        await redisCommand({ host, port: Number(port) }, "FLUSHALL");
        return;
      }
      await eventually("the queue is dropped", () =>
        query(system.queueUrl, "DROP SCHEMA axial_queue CASCADE").then(
          () => true,
          () => false,
        ),
      );
    };

    const ownRedis = backend.name !== "redis" || process.env.AXIAL_TEST_REDIS_URL === undefined;
    it(
      "lets no worker that was stopped for longer than its lock write over a newer attempt",
      onlyIf(ownRedis, "a Redis of the tests' own (no AXIAL_TEST_REDIS_URL)"),
      async () => {
        const held = await studyInStoppedEngine();
        const paused = system.process("worker");
        process.kill(paused.pid, "SIGSTOP");
        // Its job is gone with the queue: the task gets another attempt, for another worker.
        await loseQueue();
        const other = await system.startBeside("worker");
        const before = await system.study(held.uid, "complete");
        expect(before.runs[0]?.tasks[0]).toMatchObject({ state: "done", attempt: 2 });
        const stale = await staleResults();
        process.kill(held.engine, "SIGCONT");
        process.kill(paused.pid, "SIGCONT");
        await eventually("the zombie has spoken", async () => (await staleResults()) > stale);
        expect(await system.study(held.uid, "complete")).toEqual(before);
        expect(await other.end("SIGTERM")).toBe(0);
      },
    );

    it("makes one set of results of a study that is sent twice, whenever and by whomever", async () => {
      const series = newSeries();
      const held = await studyInStoppedEngine(series);
      await Promise.all([sendFiles(system, series.files), sendFiles(system, series.files)]);
      process.kill(held.engine, "SIGCONT");
      await system.study(held.uid, "complete");
      await Promise.all([sendFiles(system, series.files), sendFiles(system, series.files)]);
      const atOnce = newSeries();
      await Promise.all([sendFiles(system, atOnce.files), sendFiles(system, atOnce.files)]);
      for (const uid of [series.studyUid, atOnce.studyUid]) {
        const study = await system.study(uid, "complete");
        expect(study.runs).toHaveLength(1);
        expect(study.predictions).toHaveLength(1);
      }
    });

    it("loses nothing acknowledged when gateway and results are killed", async () => {
      const uids = [await sendStudy(system), await sendStudy(system)];
      await system.process("gateway").end("SIGKILL");
      await system.process("results").end("SIGKILL");
      await system.start("gateway");
      uids.push(await sendStudy(system));
      await system.start("results");
      for (const uid of uids) {
        const study = await system.study(uid, "complete");
        expect(study.predictions).toHaveLength(1);
        expect(study.runs).toHaveLength(1);
      }
    });

    /** Everything that comes until one message fits; none of it is done, so it comes again. */
    const overhear = async (
      fits: RegExp,
      listen: (hear: (message: object) => Promise<void>) => { close(): Promise<void> },
    ): Promise<string[]> => {
      const payloads: string[] = [];
      const ear = listen(async (message) => {
        payloads.push(JSON.stringify(message));
        throw new Error("only looked at");
      });
      await eventually(`a message like ${fits}`, () => payloads.some((one) => fits.test(one)));
      await ear.close();
      return payloads;
    };

    it("keeps the patient out of logs, queue payloads and metrics", async () => {
      await system.process("worker").end("SIGTERM");
      const uid = await sendStudy(system);
      const jobs = await overhear(/"manifest"/, (hear) =>
        queues.jobs.consume("infer-routine", ONE, hear),
      );
      await system.process("results").end("SIGTERM");
      await system.start("worker");
      const outcomes = await overhear(/"kind":"done"/, (hear) =>
        queues.streams.read(RESULTS_STREAM, ONE, hear),
      );
      await system.start("results");
      const study = await system.study(uid, "complete");
      const metrics = await Promise.all(
        SERVICES.map(async (service) => (await fetch(`${system.url[service]}/metrics`)).text()),
      );
      const series = study.series.map((one) => one.series);
      for (const text of [system.logs(), ...jobs, ...outcomes, ...metrics]) {
        for (const secret of ["PHANTOM", uid, ...series]) expect(text).not.toContain(secret);
      }
      for (const payload of [...jobs, ...outcomes]) expect(payload.length).toBeLessThan(1_200);
      expect(metrics.join("\n")).toContain("axial_task_stage_seconds");
    });

    it("drains on SIGTERM: what runs is finished and recorded, exit code 0", async () => {
      const uid = await sendStudy(system);
      await eventually("dispatched", async () => {
        const client = new Client({ connectionString: system.databaseUrl });
        await client.connect();
        const { rows } = await client.query("SELECT 1 FROM task WHERE state <> 'pending'");
        await client.end();
        return rows.length > 0;
      });
      expect(await system.process("worker").end("SIGTERM")).toBe(0);
      expect(await system.process("gateway").end("SIGTERM")).toBe(0);
      await system.start("gateway");
      await system.start("worker");
      expect((await system.study(uid, "complete")).predictions).toHaveLength(1);
      expect(await system.process("results").end("SIGTERM")).toBe(0);
    });
  });
}
