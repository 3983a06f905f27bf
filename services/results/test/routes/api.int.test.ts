import {
  encodeHeatMaps,
  newId,
  RESULTS_STREAM,
  type RunId,
  type StudyView,
  StudyViewSchema,
  type TaskId,
  type TenantId,
} from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import { measureDeviceTimes } from "@axial/store/views";
import { eventually, phantomSeries } from "@axial/testkit";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, as, startApi } from "../support/api.ts";
import { doneMessage, taskResult } from "../support/results.ts";
import { type SeededStudy, seedRun, seedStudy, TENANT } from "../support/seed.ts";

const OTHER = "other" as TenantId;

describe("result API", () => {
  let api: Api;
  let seeded: SeededStudy;

  beforeAll(async () => {
    api = await startApi();
    seeded = await seedStudy(api.stack.db);
    await finish(seeded.tasks[0] as TaskId);
  });
  afterAll(() => api?.stop());

  async function finish(task: TaskId, result = taskResult(task)): Promise<void> {
    const data = await doneMessage(api.stack, task, { result });
    await api.queues.streams.append(RESULTS_STREAM, [{ id: `r${newId()}`, data }]);
    await eventually("the result is recorded", () =>
      api.stack.db
        .selectFrom("prediction")
        .select("id")
        .where("task_id", "=", task)
        .executeTakeFirst(),
    );
  }

  const get = (url: string, headers = as("reader")) => api.server.inject({ url, headers });
  const post = (url: string, payload: object = {}, headers = as("operator")) =>
    api.server.inject({ method: "POST", url, headers, payload });

  async function seedDead(count: number, code: string): Promise<SeededStudy> {
    const models = Array.from({ length: count }, (_, index) => `model-${index}`);
    const study = await seedStudy(api.stack.db, { models });
    const messages = study.tasks.map((task) => ({
      id: `r${newId()}`,
      data: { kind: "failed", task, attempt: 1, code, detail: "said why" },
    }));
    await api.queues.streams.append(RESULTS_STREAM, messages);
    await eventually("the tasks are dead", async () => {
      const dead = await api.stack.db
        .selectFrom("task")
        .select("id")
        .where("state", "=", "dead")
        .where("study_id", "=", study.study)
        .execute();
      return dead.length === count;
    });
    return study;
  }

  describe("GET /api/v1/studies/{study}", () => {
    it("shows predictions with every slice, and the evidence in words", async () => {
      const answer = await get(`/api/v1/studies/${seeded.studyUid}`);
      expect(answer.statusCode).toBe(200);
      const view = answer.json<StudyView>();
      expect([...Value.Errors(StudyViewSchema, view)]).toEqual([]);
      expect(view).toMatchObject({ state: "complete", study: seeded.studyUid });
      expect(view.predictions[0]).toMatchObject({
        series: seeded.seriesUid,
        model: { id: "tiny-brain", evidence: "research" },
        distributions: [{ label: "dark", probability: 0.7 }],
        slices: [{ probabilities: { appearance: [0.1, 0.7, 0.2] } }],
      });
      expect(view.predictions[0]?.model.statement).toContain("research use only");
      expect(view.predictions[0]?.timings.persist).toBeGreaterThan(0);
    });

    it("keeps the superseded run visible, and only the newest current", async () => {
      const study = await seedStudy(api.stack.db);
      await finish(study.tasks[0] as TaskId);
      const run = newId<RunId>();
      const late = { ...study, run, number: 2, tenant: TENANT, lane: "routine" as const };
      const [task] = await seedRun(api.stack.db, { ...late, models: ["tiny-brain"] });
      await finish(task as TaskId);
      const view = (await get(`/api/v1/studies/${study.studyUid}`)).json<StudyView>();
      expect(view.runs.map(({ number, current }) => ({ number, current }))).toEqual([
        { number: 2, current: true },
        { number: 1, current: false },
      ]);
      expect(view.runs[1]?.predictions).toHaveLength(1);
      expect(view.predictions).toHaveLength(1);
      const found = await get(`/api/v1/results?study=${study.studyUid}`);
      expect(found.json().results).toMatchObject([{ run: 2, current: true }]);
      const all = await get(`/api/v1/results?study=${study.studyUid}&superseded=true`);
      expect(all.json().results).toHaveLength(2);
    });

    it("is not there for another tenant", async () => {
      for (const part of ["", "/why", "/events", "/report.json"]) {
        const answer = await get(`/api/v1/studies/${seeded.studyUid}${part}`, as("admin", OTHER));
        expect(answer.statusCode).toBe(404);
        expect(answer.headers["content-type"]).toContain("application/problem+json");
      }
      expect((await get("/api/v1/results", as("admin", OTHER))).json().results).toEqual([]);
      expect((await get("/api/v1/studies", as("admin", OTHER))).json().studies).toEqual([]);
      expect((await get("/api/v1/dlq", as("admin", OTHER))).json().tasks).toEqual([]);
    });

    it("refuses what is not a UID", async () => {
      expect((await get("/api/v1/studies/DOE%5EJANE")).statusCode).toBe(400);
    });
  });

  describe("renderings", () => {
    let rendered: SeededStudy;

    beforeAll(async () => {
      const { files } = phantomSeries({ kind: "brain", slices: 3 });
      const instances = await Promise.all(
        files.map(async (file) => ({
          sopInstanceUid: instanceFacts(readInstance(file)).sopInstanceUid,
          blob: await api.stack.blobs.put(file),
        })),
      );
      rendered = await seedStudy(api.stack.db, { instances });
      const task = rendered.tasks[0] as TaskId;
      const maps = instances.map((_, index) => new Float32Array([0, index, 0, 1]));
      const heatmap = await api.stack.blobs.put(
        encodeHeatMaps({ label: 1, height: 2, width: 2 }, maps),
      );
      const probabilities = { appearance: [0.1, 0.7, 0.2] };
      const slices = instances.map(({ sopInstanceUid }) => ({
        sopInstanceUid,
        frame: 0,
        probabilities,
        heatmap,
      }));
      await finish(task, taskResult(task, { slices }));
    });

    const fetchPart = (part: string) => get(`/api/v1/studies/${rendered.studyUid}/${part}`);

    it("draws a heat map of each slice", async () => {
      const view = (await get(`/api/v1/studies/${rendered.studyUid}`)).json<StudyView>();
      const maps = view.predictions[0]?.heatmaps ?? [];
      expect(maps).toHaveLength(3);
      const answer = await get(maps[2]?.href ?? "");
      expect(answer.statusCode).toBe(200);
      expect(answer.headers["content-type"]).toBe("image/png");
      expect(answer.rawPayload.subarray(1, 4).toString()).toBe("PNG");
      expect((await get(maps[2]?.href ?? "", as("admin", OTHER))).statusCode).toBe(404);
      const beyond = (maps[2]?.href ?? "").replace("-2.png", "-3.png");
      expect((await get(beyond)).statusCode).toBe(404);
    });

    it("serves a heat map as a DICOM object that its report refers to", async () => {
      const view = (await get(`/api/v1/studies/${rendered.studyUid}`)).json<StudyView>();
      const [, map] = view.predictions[0]?.heatmaps ?? [];
      const path = (map?.href ?? "").replace(/\.png$/, ".dcm");
      const answer = await get(path);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers["content-type"]).toBe("application/dicom");
      const facts = instanceFacts(readInstance(answer.rawPayload));
      expect(facts).toMatchObject({
        studyUid: rendered.studyUid,
        sopClassUid: "1.2.840.10008.5.1.4.1.1.7",
        ownOutput: true,
        hasPixelData: true,
      });
      const sr = await fetchPart("report.sr");
      expect(sr.rawPayload.includes(facts.sopInstanceUid)).toBe(true);
      expect((await get(path)).rawPayload.equals(answer.rawPayload)).toBe(true);
      expect((await get(path, as("admin", OTHER))).statusCode).toBe(404);
      expect((await get(path.replace("-1.dcm", "-3.dcm"))).statusCode).toBe(404);
    });

    it("renders the report as JSON, SR and FHIR", async () => {
      const json = (await fetchPart("report.json")).json();
      expect(json).toMatchObject({
        status: "preliminary",
        findings: [{ evaluations: [{ label: "dark", code: { meaning: "Dark image" } }] }],
      });
      const links: { href: string }[] = json.findings[0].heatmaps;
      expect(links).toHaveLength(3);
      expect((await get(links[1]?.href ?? "")).headers["content-type"]).toBe("image/png");
      const sr = await fetchPart("report.sr");
      expect(sr.headers["content-type"]).toBe("application/dicom");
      const facts = instanceFacts(readInstance(sr.rawPayload));
      expect(facts).toMatchObject({ studyUid: rendered.studyUid, ownOutput: true });
      const fhir = await fetchPart("report.fhir");
      expect(fhir.headers["content-type"]).toContain("application/fhir+json");
      expect(fhir.json()).toMatchObject({ resourceType: "Bundle", type: "collection" });
      const urls = [...fhir.payload.matchAll(/"url":"http:[^"]*(\/api\/[^"]*\.png)"/g)];
      expect(urls.map(([, path]) => path)).toEqual(links.map(({ href }) => href));
    });

    it("has nothing to report before there is a prediction", async () => {
      const empty = await seedStudy(api.stack.db);
      for (const format of ["json", "sr", "fhir"]) {
        const answer = await get(`/api/v1/studies/${empty.studyUid}/report.${format}`);
        expect(answer.json().code).toBe("conflict");
      }
    });
  });

  it("sends the study as events until it is finished", async () => {
    const study = await seedStudy(api.stack.db);
    const address = await api.server.listen({ host: "127.0.0.1", port: 0 });
    const stream = await fetch(`${address}/api/v1/studies/${study.studyUid}/events`, {
      headers: as("reader"),
    });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    const reading = stream.text();
    await finish(study.tasks[0] as TaskId);
    const events = (await reading).split("\n\n").filter((event) => event.includes("data: "));
    const names = events.map((event) => /event: (\w+)/.exec(event)?.[1]);
    expect(names).toEqual(["study", "study", "end"]);
    expect(events.at(-1)).toContain('"state":"complete"');
  });

  it("lists studies by page", async () => {
    const first = (await get("/api/v1/studies?limit=1")).json();
    const second = (await get(`/api/v1/studies?limit=1&cursor=${first.next}`)).json();
    expect(first.studies).toHaveLength(1);
    expect(second.studies[0].study).not.toBe(first.studies[0].study);
    const open = (await get("/api/v1/studies?state=complete&lane=routine")).json();
    expect(open.studies[0]).toMatchObject({ state: "complete", predictions: 1, unfinished: 0 });
    const one = (await get(`/api/v1/studies?study=${seeded.studyUid.slice(0, -3)}`)).json();
    expect(one.studies).toMatchObject([{ study: seeded.studyUid }]);
  });

  it("finds results by what they are, as JSON, NDJSON and CSV", async () => {
    const none = await get("/api/v1/results?model=tiny-brain&label=bright");
    expect(none.json()).toEqual({ results: [], next: null });
    const strict = await get("/api/v1/results?minProbability=0.71");
    expect(strict.json().results).toEqual([]);
    const found = await get(`/api/v1/results?label=dark&study=${seeded.studyUid}`);
    expect(found.json().results).toMatchObject([{ display: "Dark image", provider: "cpu" }]);
    const lines = await get("/api/v1/results", {
      ...as("reader"),
      accept: "application/x-ndjson",
    } as ReturnType<typeof as>);
    expect(lines.headers["content-type"]).toContain("application/x-ndjson");
    for (const line of lines.body.trim().split("\n")) expect(JSON.parse(line).label).toBe("dark");
    const csv = await get(`/api/v1/results?format=csv&study=${seeded.studyUid}`);
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.body).toMatch(/^study,series,model,/);
    expect(csv.body.trim().split("\r\n")).toHaveLength(2);
  });

  it("keeps what readers say of a prediction, the last word of each", async () => {
    const view = (await get(`/api/v1/studies/${seeded.studyUid}`)).json<StudyView>();
    const prediction = view.predictions[0]?.id;
    const say = (payload: object, headers = as("reader")) =>
      post("/api/v1/feedback", { prediction, ...payload }, headers);
    expect((await say({ verdict: "agree" })).statusCode).toBe(204);
    expect((await say({ verdict: "disagree", label: "bright" })).statusCode).toBe(204);
    expect((await say({ verdict: "maybe" })).statusCode).toBe(400);
    expect((await say({ verdict: "agree" }, as("admin", OTHER))).statusCode).toBe(404);
    const { feedback } = (await get("/api/v1/feedback?model=tiny-brain")).json();
    expect(feedback).toMatchObject([
      { verdict: "disagree", label: "bright", predicted: "dark", study: seeded.studyUid },
    ]);
    const theirs = await get("/api/v1/feedback", as("admin", OTHER));
    expect(theirs.json()).toEqual({ feedback: [], next: null });
  });

  it("names installed models", async () => {
    const { models } = (await get("/api/v1/models")).json();
    expect(models).toMatchObject([{ id: "tiny-brain", heatmaps: true, workers: 0 }]);
  });

  it("says why a study waits", async () => {
    const study = await seedStudy(api.stack.db, { state: "pending", models: ["no-such-model"] });
    const why = (await get(`/api/v1/studies/${study.studyUid}/why`)).json();
    expect(why).toMatchObject({ waiting: true, lane: "routine", position: 0 });
    expect(why.reasons.map((reason: { code: string }) => reason.code)).toEqual([
      "no-worker",
      "in-line",
    ]);
    const done = (await get(`/api/v1/studies/${seeded.studyUid}/why`)).json();
    expect(done).toMatchObject({ waiting: false, reasons: [], position: null });
  });

  it("counts outstanding work for the autoscaler, what runs included", async () => {
    const model = `scaled-${newId().slice(-8)}`;
    await seedStudy(api.stack.db, { models: [model], lane: "stat" });
    const scaling = await eventually("the count is fresh", async () => {
      const answer = await get(`/scaling/${model}`);
      return answer.statusCode === 200 ? answer.json() : null;
    });
    expect(scaling).toMatchObject({ pool: model, outstanding: 1, active: 1, pending: 0 });
    expect((await get("/scaling/stat")).json().outstanding).toBeGreaterThan(0);
    expect(scaling).toMatchObject({ deviceSeconds: expect.closeTo(0.01, 6) });
    expect((await get("/scaling/no-such-pool")).statusCode).toBe(404);
    const metrics = (await get("/metrics")).body;
    expect(metrics).toContain(`axial_tasks_outstanding{lane="stat",model="${model}"`);
  });

  it("tells outstanding work in seconds of the device, by how long the model took", async () => {
    await seedStudy(api.stack.db, { models: ["tiny-brain"], lane: "stat" });
    await eventually("the work is counted", async () => {
      const answer = await get("/scaling/tiny-brain");
      return answer.statusCode === 200 && answer.json().outstanding > 0;
    });
    const { outstanding, deviceSeconds } = (await get("/scaling/tiny-brain")).json();
    const { timings, batchSizes, slices } = taskResult(newId());
    const infer = timings.infer / (batchSizes.at(-1) ?? Number.NaN);
    const perImage = Math.max(infer, timings.decode / slices.length) / 1_000;
    expect(deviceSeconds).toBeCloseTo(outstanding * perImage, 6);
  });

  it("keeps the figure of a model that ran nothing lately, for every replica", async () => {
    const idle = { model_id: "idle", provider: "cuda", seconds_per_image: 0.5 };
    await api.stack.db.insertInto("device_time").values(idle).execute();
    const times = await measureDeviceTimes(api.stack.db);
    expect(times).toContainEqual({ model: "idle", provider: "cuda", secondsPerImage: 0.5 });
    expect(times.map(({ model }) => model)).toContain("tiny-brain");
  });

  it("gives operators the installation at a glance", async () => {
    expect((await get("/api/v1/overview")).statusCode).toBe(403);
    const theirs = (await get("/api/v1/overview", as("admin", OTHER))).json();
    expect(theirs).toMatchObject({ outstanding: [], workers: [], dead: 0 });
    expect(theirs.throughput.every((at: { predictions: number }) => at.predictions === 0)).toBe(
      true,
    );
    expect((await get("/scaling/all", as("admin", OTHER))).statusCode).toBe(403);
    const sweep = await post("/api/v1/retention/sweep", {}, as("admin", OTHER));
    expect(sweep.statusCode).toBe(403);
    const overview = (await get("/api/v1/overview", as("operator"))).json();
    expect(overview.throughput).toHaveLength(30);
    expect(overview.lanes.map(({ lane }: { lane: string }) => lane)).toEqual([
      "stat",
      "routine",
      "backfill",
    ]);
    expect(overview).toMatchObject({ queue: { refuses: null }, lastBackup: null });
    expect(
      overview.throughput.at(-1).predictions + overview.throughput.at(-2).predictions,
    ).toBeGreaterThan(0);
  });

  describe("dead letters", () => {
    it("shows each with its history, and replays one", async () => {
      const study = await seedDead(1, "golden-mismatch");
      const task = study.tasks[0];
      const shown = (await get(`/api/v1/dlq/${task}`, as("operator"))).json();
      expect(shown).toMatchObject({ code: "golden-mismatch", study: study.studyUid });
      expect(shown.history).toMatchObject([{ attempt: 1, code: "golden-mismatch" }]);
      expect((await post(`/api/v1/dlq/${task}/replay`)).json()).toEqual({
        matched: 1,
        replayed: 1,
      });
      const view = (await get(`/api/v1/studies/${study.studyUid}`)).json<StudyView>();
      expect(view.state).toBe("closed");
      expect(view.runs[0]).toMatchObject({ state: "active", tasks: [{ state: "pending" }] });
      expect((await post(`/api/v1/dlq/${task}/replay`)).statusCode).toBe(404);
    });

    it("replays by filter, counts first, and refuses an empty one", async () => {
      await seedDead(3, "invalid-model");
      const filter = { code: "invalid-model" };
      const listed = (await get("/api/v1/dlq?code=invalid-model&limit=1", as("operator"))).json();
      expect(listed.tasks).toHaveLength(1);
      expect(listed).toMatchObject({ total: 3, codes: [{ code: "invalid-model", tasks: 3 }] });
      expect((await post("/api/v1/dlq/replay", { filter: {} })).json().code).toBe(
        "invalid-request",
      );
      const counted = (await post("/api/v1/dlq/replay", { filter, dryRun: true })).json();
      expect(counted).toEqual({ matched: 3, replayed: 0 });
      const theirs = await post("/api/v1/dlq/replay", { filter }, as("operator", OTHER));
      expect(theirs.json()).toEqual({ matched: 0, replayed: 0 });
      expect((await post("/api/v1/dlq/replay", { filter })).json().replayed).toBe(3);
      const left = await get("/api/v1/dlq?code=invalid-model", as("operator"));
      expect(left.json()).toMatchObject({ total: 0, tasks: [] });
    });

    it("replays nothing of a run that a newer one supersedes", async () => {
      const study = await seedDead(1, "provider-fallback");
      const run = newId<RunId>();
      const late = { ...study, run, number: 2, tenant: TENANT, lane: "routine" as const };
      await seedRun(api.stack.db, { ...late, models: ["tiny-brain"] });
      const answer = await post(`/api/v1/dlq/${study.tasks[0]}/replay`);
      expect(answer.statusCode).toBe(409);
      expect(answer.json().code).toBe("conflict");
      const gone = await post(`/api/v1/dlq/${study.tasks[0]}/discard`);
      expect(gone.json()).toEqual({ discarded: 1 });
      expect((await get(`/api/v1/dlq/${study.tasks[0]}`, as("operator"))).statusCode).toBe(404);
      const audited = await api.stack.db
        .selectFrom("audit")
        .select("action")
        .where("target", "=", study.tasks[0] as TaskId)
        .execute();
      expect(audited).toEqual([{ action: "dlq.discard" }]);
    });
  });

  it("logs nothing of a study", () => {
    expect(api.stack.logged()).not.toContain("2.25.");
  });
});
