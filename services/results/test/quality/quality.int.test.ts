import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type InputFigures,
  type ModelPackage,
  newId,
  type TaskId,
  type TenantId,
} from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { inputFigures, prepareInput, sampleBytes } from "@axial/imaging";
import { readManifest } from "@axial/inference/packages";
import { createMetrics } from "@axial/kit";
import { recordQuality } from "@axial/store/quality";
import { needs, phantomSeries, TINY_MODELS } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSources } from "../../src/quality/model-quality.ts";
import { feedQualityMetrics } from "../../src/quality/quality-metrics.ts";
import { type Api, as, startApi } from "../support/api.ts";
import { taskResult } from "../support/results.ts";
import { seedStudy } from "../support/seed.ts";

const run = promisify(execFile);
const RULES = fileURLToPath(new URL("../../../../deploy/prometheus/alerts.yaml", import.meta.url));
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RESULTS_A_DAY = 150;
const SEEDS = 1_000;
const SITE = "St. Elsewhere^DOE JANE";
const SLICE = { sopInstanceUid: "1.2.3", frame: 0, probabilities: { appearance: [0.1, 0.7, 0.2] } };
const TINY = await readManifest(`${TINY_MODELS}/tiny-brain/1.0.0`);

/** What the network is shown of phantoms of a scanner whose receiver has this gamma. */
async function scanned(gamma: number, seed: number): Promise<InputFigures> {
  const { files } = phantomSeries({ kind: "brain", slices: 1, size: 64, seed });
  const [file = Buffer.alloc(0)] = files;
  const frame = await decodeFrame(readInstance(file), 0);
  const white = 2 ** frame.bitsStored - 1;
  const data = frame.data.map((value) => Math.round(white * (value / white) ** gamma));
  const out = new Uint8Array(sampleBytes(TINY.input));
  prepareInput({ ...frame, data }, TINY, out);
  return inputFigures(out);
}

const DARK = "123456";

/** The tiny model, whose label "dark" has a code. */
async function codedModels(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "axial-test-models-"));
  await cp(TINY_MODELS, folder, { recursive: true });
  const [head, ...heads] = TINY.heads;
  const code = { scheme: "SCT", value: DARK, meaning: "Dark" };
  const labels = head?.labels.map((label) => (label.id === "dark" ? { ...label, code } : label));
  const coded = { ...TINY, heads: [{ ...head, labels }, ...heads] };
  await writeFile(join(folder, "tiny-brain/1.0.0/model.json"), JSON.stringify(coded));
  return folder;
}

describe("the quality of a model in production", () => {
  let api: Api;
  let modelsDir: string;
  const day = (offset: number) => new Date(Date.now() - 3 * HOUR_MS + offset * DAY_MS);

  beforeAll(async () => {
    modelsDir = await codedModels();
    api = await startApi({ modelsDir });
    await results(day(-3), 1);
    await countFrom(day(-4));
  }, 120_000);
  afterAll(async () => {
    await api?.stop();
    await rm(modelsDir, { recursive: true, force: true });
  });

  async function countFrom(until: Date): Promise<void> {
    const { db } = api.stack;
    await sql`UPDATE quality_progress SET until = ${until}`.execute(db);
    while (await recordQuality(db));
  }

  async function results(at: Date, gamma: number, slices = 1): Promise<void> {
    const { db } = api.stack;
    const seeded = await seedStudy(db);
    const [first] = await db
      .selectFrom("task")
      .selectAll()
      .where("run_id", "=", seeded.run)
      .execute();
    if (first === undefined) throw new RangeError("a task");
    const more = Array.from({ length: RESULTS_A_DAY - 1 }, (_, index) => ({
      ...first,
      id: newId<TaskId>(),
      part: index + 1,
      history: JSON.stringify(first.history),
    }));
    await db.insertInto("task").values(more).execute();
    const tasks = [first.id, ...more.map(({ id }) => id)];
    const tags = {
      "00080080": { vr: "LO", Value: [SITE] },
      "00080070": { vr: "LO", Value: ["Acme"] },
      "00081090": { vr: "LO", Value: ["Magnet 3"] },
    };
    await sql`UPDATE series SET tags = ${JSON.stringify(tags)}::jsonb
      WHERE id = ${seeded.series}`.execute(db);
    const inputs = await Promise.all(
      tasks.map((_task, index) => scanned(gamma, SEEDS * (1 + gamma) + index)),
    );
    const rows = tasks.map((task, index) => {
      const input = inputs[index];
      if (input === undefined) throw new RangeError("an input for each");
      const inDomain = index % 10 !== 0;
      const domain = { distance: inDomain ? 0.5 : 1.5, threshold: 1, falseAlarmRate: 0.1 };
      const result = taskResult(task, {
        input,
        domain: { ...domain, inDomain, slicesBeyond: Number(!inDomain) },
        slices: Array.from({ length: slices }, (_, frame) => ({ ...SLICE, frame })),
      });
      return {
        id: newId(),
        task_id: task,
        run_id: seeded.run,
        study_id: seeded.study,
        series_id: seeded.series,
        tenant_id: "default" as never,
        model_id: "tiny-brain",
        model_version: "1.0.0",
        model_sha256: result.model.sha256,
        evidence: result.model.evidence,
        provider: "cpu",
        label: index % 5 === 0 ? "indeterminate" : "dark",
        probability: 0.6 + 0.3 * ((index % 7) / 7),
        result: JSON.stringify(result),
        result_blob: "0".repeat(64) as never,
        attempt: 1,
        wait_ms: 1,
        persist_ms: 1,
        created_at: at,
      };
    });
    await db.insertInto("prediction").values(rows).execute();
    await sql`UPDATE run SET answered_at = now(), state = 'complete'
      WHERE id = ${seeded.run}`.execute(db);
  }

  const call = (method: "GET" | "POST" | "PUT", url: string, payload?: object | string) =>
    api.server.inject({
      ...{ method, url, headers: as("admin") },
      ...(payload === undefined ? {} : { payload }),
    });

  /** The one source, on the day of `offset`. */
  async function sourceOn(offset: number, model: ModelPackage = TINY) {
    const { db } = api.stack;
    const models = { all: async () => [model] } as never;
    const from = new Date(day(offset).getTime() - 12 * HOUR_MS);
    const to = new Date(day(offset).getTime() + 12 * HOUR_MS);
    const [source, ...others] = await readSources({ db, models }, { tenant: null, from, to });
    expect(others).toEqual([]);
    if (source === undefined) throw new Error("no results were counted");
    return source;
  }
  const driftOn = async (offset: number) =>
    (await sourceOn(offset)).drift.find(({ figure }) => figure === "input-mean");

  it("counts every result once, by model, site and scanner", async () => {
    const source = await sourceOn(-3);
    expect(source).toMatchObject({
      ...{ model: "tiny-brain", version: "1.0.0", results: RESULTS_A_DAY },
      ...{ site: SITE.toUpperCase(), scanner: "ACME MAGNET 3" },
    });
    expect(source.shares["out-of-domain"]?.value).toBeCloseTo(0.1, 5);
    expect(source.shares.indeterminate?.value).toBeCloseTo(0.2, 5);
    expect(source.drift).toEqual([]);
    expect(await recordQuality(api.stack.db)).toBe(false);
  });

  it("measures drift against a reference of the house's own", async () => {
    const path = (version: string) => `/api/v1/quality/tiny-brain/${version}/reference`;
    expect((await call("PUT", path("9.9.9"), { days: 5 })).statusCode).toBe(404);
    expect((await call("PUT", path("1.0.0"), { days: 1 })).statusCode).toBe(409);
    const measured = await call("PUT", path("1.0.0"), { days: 30 });
    expect(measured.json()).toMatchObject({ results: RESULTS_A_DAY });
    // A scanner that is well, drifts for a day and is mended.
    await results(day(-2), 1);
    await results(day(-1), 1.8);
    await results(day(0), 1);
    await countFrom(day(-2.4));
  });

  it("rises while a scanner's intensities drift, and falls when it is mended", async () => {
    const [well, drifted, mended] = await Promise.all([-2, -1, 0].map(driftOn));
    expect(well?.psi).toBeLessThan(0.25);
    expect(drifted?.psi).toBeGreaterThan(0.25);
    expect(drifted?.ks).toBeGreaterThan(0.2);
    expect(mended?.psi).toBeLessThan(0.25);
    const score = (await sourceOn(-1)).drift.find(({ figure }) => figure === "score");
    expect(score?.psi).toBeLessThan(0.1);
  });

  it("has an alarm that rises and falls with these figures", needs("promtool"), async () => {
    const days = await Promise.all([-2, -1, 0].map(driftOn));
    const series = (of: "psi" | "ks") => days.map((one) => `${one?.[of]}x30`).join(" ");
    const labels = 'model="tiny-brain@1.0.0",site="a",scanner="b",figure="input-mean"';
    const firing = (at: string, samples: object[]) => ({
      expr: 'count(ALERTS{alertname="AxialModelDrifts",alertstate="firing"})',
      ...{ eval_time: at, exp_samples: samples },
    });
    const folder = await mkdtemp(join(tmpdir(), "axial-quality-"));
    const test = {
      rule_files: [RULES],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: (["psi", "ks"] as const).map((of) => ({
            series: `axial_quality_${of}{${labels}}`,
            values: series(of),
          })),
          promql_expr_test: [
            firing("25m", []),
            firing("50m", [{ labels: "{}", value: 1 }]),
            firing("80m", []),
          ],
        },
      ],
    };
    await writeFile(join(folder, "drift.yaml"), JSON.stringify(test));
    const { stdout } = await run("promtool", ["test", "rules", join(folder, "drift.yaml")]);
    expect(stdout).toContain("SUCCESS");
    await rm(folder, { recursive: true });
  });

  it("is exposed by ids, never by what DICOM calls a site", async () => {
    const metrics = createMetrics("test");
    const models = { all: async () => [TINY] } as never;
    const { db, logger } = api.stack;
    feedQualityMetrics({ db, models, metrics, logger });
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/axial_quality_results\{model="tiny-brain@1\.0\.0",site="[0-9a-f]{8}"/);
    expect(text).toMatch(/axial_quality_psi\{.*figure="input-mean"/);
    expect(text).toContain('kind="out-of-domain"');
    expect(text).not.toMatch(/doe|elsewhere|acme/i);
  });

  it("takes what readers saw as lines and as reports, and says how far they agree", async () => {
    const { db } = api.stack;
    const studies = await db.selectFrom("study").select("study_uid").execute();
    const [first, second] = studies.map(({ study_uid }) => study_uid);
    const csv = `study,model,label\n${first},tiny-brain,dark\n${second},tiny-brain,bright\n1.2.3,tiny-brain,dark\n`;
    const said = await api.server.inject({
      ...{ method: "POST", url: "/api/v1/feedback/csv", payload: csv },
      headers: { ...as("reader"), "content-type": "text/csv" },
    });
    expect(said.json()).toEqual({ verdicts: 2 * RESULTS_A_DAY, silent: 1 });
    const wrong = await api.server.inject({
      ...{ method: "POST", url: "/api/v1/feedback/csv", payload: "study;model\n1.2;x" },
      headers: { ...as("reader"), "content-type": "text/csv" },
    });
    expect(wrong.json()).toMatchObject({ code: "invalid-request", detail: /line 1/ });
    const silent = await call("POST", "/api/v1/feedback/fhir", {
      resourceType: "DiagnosticReport",
      imagingStudy: [{ identifier: { system: "urn:dicom:uid", value: `urn:oid:${first}` } }],
      conclusionCode: [{ coding: [{ system: "http://snomed.info/sct", code: "1" }] }],
    });
    expect(silent.json()).toEqual({ verdicts: 0, silent: 1 });
    const { feedback, sources } = (await call("GET", "/api/v1/quality?days=7")).json();
    expect(sources).toHaveLength(1);
    expect(feedback).toHaveLength(1);
    const [of] = feedback;
    // Of each study four in five were predicted dark, the others indeterminate.
    expect(of).toMatchObject({ verdicts: 2 * RESULTS_A_DAY, agreement: { value: 0.4 } });
    expect(of.kappa.value).toBeLessThan(0.1);
    for (const { value, lower, upper } of [of.kappa, of.calibrationError]) {
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
    }
    expect(of.sources).toMatchObject([
      { site: SITE.toUpperCase(), scanner: "ACME MAGNET 3", verdicts: 2 * RESULTS_A_DAY },
    ]);
    expect(of.sources[0].kappa).toEqual(of.kappa);
    const dark = of.labels.find(({ label }: { label: string }) => label === "dark");
    expect(dark.sensitivity).toMatchObject({ value: 0.8, of: RESULTS_A_DAY });
    expect(dark.specificity).toMatchObject({ value: 0.2, of: RESULTS_A_DAY });
    expect(of.weeks).toHaveLength(1);
    expect(of.calibrationError.value).toBeGreaterThan(0.2);
  });

  it("takes a report of the right study and patient, and refuses others", async () => {
    const { db } = api.stack;
    const studies = await db.selectFrom("study").select("study_uid").execute();
    const [{ study_uid: study } = { study_uid: "" }] = studies;
    const tags = JSON.stringify({ "00100020": { vr: "LO", Value: ["4711"] } });
    await sql`UPDATE study SET tags = ${tags}::jsonb WHERE study_uid = ${study}`.execute(db);
    const before = await db.selectFrom("feedback").selectAll().execute();
    const report = (uid: string, patient: string, tenant?: TenantId) =>
      api.server.inject({
        ...{ method: "POST", url: "/api/v1/feedback/fhir", headers: as("reader", tenant) },
        payload: {
          resourceType: "DiagnosticReport",
          subject: { identifier: { value: patient } },
          imagingStudy: [{ identifier: { system: "urn:dicom:uid", value: `urn:oid:${uid}` } }],
          conclusionCode: [{ coding: [{ system: "http://snomed.info/sct", code: DARK }] }],
        },
      });
    const otherStudy = await report("1.2.3", "4711");
    expect([otherStudy.statusCode, otherStudy.json().code]).toEqual([404, "not-found"]);
    const otherTenant = await report(study, "4711", "radiology" as TenantId);
    expect([otherTenant.statusCode, otherTenant.json().code]).toEqual([404, "not-found"]);
    const otherPatient = await report(study, "0815");
    expect([otherPatient.statusCode, otherPatient.json().code]).toEqual([409, "conflict"]);
    expect(otherPatient.body).not.toMatch(/0815|4711/);
    expect(await db.selectFrom("feedback").selectAll().execute()).toEqual(before);
    expect((await report(study, "4711")).json()).toEqual({ verdicts: RESULTS_A_DAY, silent: 0 });
    const { rows } = await sql<{ predicted: string; verdict: string; label: string }>`
      SELECT DISTINCT p.label AS predicted, f.verdict, f.label FROM feedback AS f
      JOIN prediction AS p ON p.id = f.prediction_id JOIN study ON study.id = p.study_id
      WHERE study_uid = ${study} ORDER BY 1`.execute(db);
    expect(rows).toEqual([
      { predicted: "dark", verdict: "agree", label: "dark" },
      { predicted: "indeterminate", verdict: "disagree", label: "dark" },
    ]);
  });

  it("compares what a package brings of single images with results of one image", async () => {
    await api.stack.db.deleteFrom("quality_reference").execute();
    const ofOne = { measuredOn: "images of this scanner", of: "image", results: 100 } as const;
    const figures = { score: [...Array(13).fill(0), ...Array(5).fill(20), 0, 0] };
    const reference = { ...ofOne, figures };
    const [score, ...others] = (await sourceOn(-3, { ...TINY, reference })).drift;
    expect(others).toEqual([]);
    expect(score).toMatchObject({ figure: "score", results: RESULTS_A_DAY });
    expect(score?.ks).toBeLessThan(0.3);
    // Series of two slices say nothing about single images.
    await results(day(-6), 1, 2);
    await countFrom(day(-6.1));
    const series = await sourceOn(-6, { ...TINY, reference });
    expect(series).toMatchObject({ results: RESULTS_A_DAY, hasReference: true, drift: [] });
    const { of: _, ...ofAll } = reference;
    const compared = await sourceOn(-6, { ...TINY, reference: ofAll });
    expect(compared.drift).toMatchObject([{ figure: "score", results: RESULTS_A_DAY }]);
  });
});
