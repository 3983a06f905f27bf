import { INFER_QUEUES, type Manifest, newUid, type TenantId } from "@axial/contracts";
import { createMetrics } from "@axial/kit";
import { closeStudies, findStudy, mendStranded, planStudies, supersedeRuns } from "@axial/store";
import { eventually, phantomSeries, TINY_MODEL_ID } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refuseUnplannable } from "../src/plan/refuse-unplannable.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { post, stow } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const CLOSE = { "axial-close": "true" };

const phantom = (seed: number, kind: "brain" | "knee" = "brain", slices = 6) =>
  phantomSeries({ kind, seed, slices, size: 32 });

async function runsOf(studyUid: string) {
  return gateway.db
    .selectFrom("run")
    .innerJoin("study", "study.id", "run.study_id")
    .selectAll("run")
    .select(["study.state as study_state", "study.plan_reason"])
    .where("study_uid", "=", studyUid)
    .orderBy("number")
    .execute();
}

const planned = (studyUid: string, number = 1) =>
  eventually("the study is planned", async () => {
    const runs = await runsOf(studyUid);
    return runs.length >= number ? runs : undefined;
  });

const tasksOf = (run: string | undefined) =>
  gateway.db
    .selectFrom("task")
    .selectAll()
    .where("run_id", "=", run as never)
    .execute();

describe("planning", () => {
  test("a closed study becomes a task whose manifest lists its slices in order", async () => {
    const { studyUid, files } = phantom(1);
    await stow(gateway, files.toReversed(), CLOSE);
    const [run] = await planned(studyUid);
    expect(run).toMatchObject({ reason: "closed", state: "active", unfinished: 1 });
    const [task] = await tasksOf(run?.id);
    expect(task).toMatchObject({ model_id: TINY_MODEL_ID, slices: 4, lane: "routine" });
    const bytes = await gateway.blobs.get(task?.manifest ?? ("" as never));
    const manifest: Manifest = JSON.parse(Buffer.from(bytes).toString());
    expect(manifest.task).toBe(task?.id);
    const sent = await Promise.all(manifest.slices.map((slice) => gateway.blobs.get(slice.blob)));
    expect(sent.map((blob) => files.findIndex((file) => file.equals(blob)))).toEqual([1, 2, 3, 4]);
  });

  test("what no model takes is refused with the reason, and the study is complete", async () => {
    const { studyUid, files } = phantom(2, "knee");
    await stow(gateway, files, CLOSE);
    const [run] = await planned(studyUid);
    expect(run).toMatchObject({ state: "complete", study_state: "complete", unfinished: 0 });
    const refusals = await gateway.db.selectFrom("refusal").selectAll().execute();
    expect(refusals.find((refusal) => refusal.run_id === run?.id)).toMatchObject({
      code: "wrong-body-part",
      model_id: TINY_MODEL_ID,
      facts: { bodyPart: "KNEE" },
    });
  });

  test("a late arrival makes a run that supersedes the first", async () => {
    const { studyUid, files } = phantom(3);
    await stow(gateway, files.slice(0, 5), CLOSE);
    await planned(studyUid);
    await stow(gateway, files.slice(0, 5), CLOSE);
    expect(await runsOf(studyUid)).toHaveLength(1);
    await stow(gateway, files.slice(5), CLOSE);
    const runs = await planned(studyUid, 2);
    expect(runs.map(({ reason, state }) => [reason, state])).toEqual([
      ["closed", "cancelled"],
      ["late-arrival", "active"],
    ]);
    expect((await tasksOf(runs[0]?.id)).map((task) => task.state)).toEqual(["cancelled"]);
  });

  test("a second planner that comes late takes nothing back", async () => {
    const { studyUid, files } = phantom(6);
    await stow(gateway, files, CLOSE);
    const [run] = await planned(studyUid);
    expect(await supersedeRuns(gateway.db, run?.study_id ?? ("" as never))).toEqual([]);
    expect((await runsOf(studyUid)).map(({ state }) => state)).toEqual(["active"]);
  });

  test("a study that nothing works on any more is planned again", async () => {
    const { studyUid, files } = phantom(7);
    await stow(gateway, files, CLOSE);
    const [run] = await planned(studyUid);
    const change = { state: "cancelled", unfinished: 0, completed_at: new Date(0) } as const;
    await gateway.db
      .updateTable("run")
      .set(change)
      .where("id", "=", run?.id as never)
      .execute();
    expect(await mendStranded(gateway.db, 60)).toEqual([run?.study_id]);
    const [, again] = await planned(studyUid, 2);
    expect(again).toMatchObject({ reason: "rerun", state: "active" });
    expect(await mendStranded(gateway.db, 60)).toEqual([]);
  });

  test("a STAT study is planned while the planning of a backfill's study waits", async () => {
    const backfill = phantom(8);
    const lane = (name: string) => ({ ...CLOSE, "axial-lane": name });
    await stow(gateway, backfill.files.slice(0, 5), lane("backfill"));
    const [run] = await planned(backfill.studyUid);
    const stat = phantom(9);
    await gateway.db.transaction().execute(async (trx) => {
      const tasks = trx
        .selectFrom("task")
        .select("id")
        .where("run_id", "=", run?.id as never);
      await tasks.forUpdate().execute();
      await stow(gateway, backfill.files.slice(5), lane("backfill"));
      await stow(gateway, stat.files, lane("stat"));
      await planned(stat.studyUid);
      expect(await runsOf(backfill.studyUid)).toHaveLength(1);
    });
    await planned(backfill.studyUid, 2);
  });

  test("a plan for a reason that is no longer the study's writes nothing", async () => {
    const { studyUid, files } = phantom(42);
    await stow(gateway, files, CLOSE);
    const [run] = await planned(studyUid);
    const id = run?.study_id ?? ("" as never);
    const nothing = async () => [{ tasks: [], refusals: [] }];
    expect(await planStudies(gateway.db, [{ id, reason: "closed" }], nothing)).toEqual([]);
    expect(await runsOf(studyUid)).toHaveLength(1);
  });

  test("a study that cannot be planned keeps nobody waiting, and is refused when it is given up", async () => {
    const [bad, good] = [phantom(40), phantom(41)];
    await stow(gateway, bad.files);
    await stow(gateway, good.files);
    await sql`UPDATE instance SET facts = 'null' FROM study
      WHERE study.id = instance.study_id AND study_uid = ${bad.studyUid}`.execute(gateway.db);
    const tenant = "default" as TenantId;
    const found = [bad, good].map(({ studyUid }) => findStudy(gateway.db, tenant, studyUid));
    const ids = (await Promise.all(found)).filter((study) => study !== null);
    expect(ids).toHaveLength(2);
    // Closed together, they are planned together.
    await closeStudies(gateway.db, tenant, { ids, reason: "explicit" });
    await planned(good.studyUid);
    await eventually("the fault is told", () =>
      gateway.lines.some((line) => line.includes("a study could not be planned")),
    );
    expect(await runsOf(bad.studyUid)).toEqual([]);
    const services = { db: gateway.db, metrics: createMetrics("test") };
    const unplannable = { id: ids[0] ?? ("" as never), reason: "closed" } as const;
    await refuseUnplannable(services, unplannable);
    await refuseUnplannable(services, unplannable);
    const counted = await services.metrics.registry.getSingleMetricAsString("axial_refusals_total");
    expect(counted).toMatch(/code="planning-failed"[^}]*\} 1$/m);
    const [run] = await runsOf(bad.studyUid);
    expect(run).toMatchObject({ state: "complete", study_state: "complete", plan_reason: null });
    const refusals = gateway.db.selectFrom("refusal").select(["code", "series_id"]);
    expect(await refusals.where("run_id", "=", run?.id as never).execute()).toEqual([
      { code: "planning-failed", series_id: null },
    ]);
  });

  test("a quiet study is closed by itself", async () => {
    await gateway.db.updateTable("tenant").set({ quiet_period_seconds: 1 }).execute();
    const { studyUid, files } = phantom(4);
    await stow(gateway, files);
    await planned(studyUid);
    const study = await gateway.db
      .selectFrom("study")
      .select("close_reason")
      .where("study_uid", "=", studyUid)
      .executeTakeFirst();
    expect(study?.close_reason).toBe("quiet");
  });

  test("a model that is asked for by name, and one that is not there", async () => {
    const { studyUid, files } = phantom(5);
    const unknown = await stow(gateway, files, { ...CLOSE, "axial-models": "no-such-model" });
    expect([unknown.status, unknown.body.code]).toEqual([404, "model-not-found"]);
    await stow(gateway, files, { ...CLOSE, "axial-models": TINY_MODEL_ID });
    const [run] = await planned(studyUid);
    expect(await tasksOf(run?.id)).toHaveLength(1);
  });
});

describe("acting on a study", () => {
  const act = (studyUid: string, action: string, headers = {}) =>
    post(gateway, `/api/v1/studies/${studyUid}/${action}`, {
      body: "{}",
      headers: { "content-type": "application/json", ...headers },
    });

  test("close, rerun and cancel", async () => {
    const { studyUid, files } = phantom(10);
    await stow(gateway, files);
    expect((await act(studyUid, "close")).status).toBe(200);
    await planned(studyUid);
    expect((await act(studyUid, "rerun")).status).toBe(200);
    const runs = await planned(studyUid, 2);
    expect(runs[1]).toMatchObject({ reason: "rerun", number: 2 });
    const cancelled = await act(studyUid, "cancel");
    expect(cancelled.body).toMatchObject({ state: "cancelled" });
    expect((await tasksOf(runs[1]?.id))[0]?.state).toBe("cancelled");
    expect((await act(newUid(), "close")).status).toBe(404);
  });

  test("the same Idempotency-Key acts once", async () => {
    const { studyUid, files } = phantom(11);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const key = { "idempotency-key": "rerun-11" };
    const [first] = [await act(studyUid, "rerun", key)];
    await planned(studyUid, 2);
    const again = await act(studyUid, "rerun", key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(await runsOf(studyUid)).toHaveLength(2);
    expect((await act(studyUid, "cancel", key)).status).toBe(409);
  });
});

describe("the same Idempotency-Key at the same moment", () => {
  const rerun = (studyUid: string, key: string) =>
    post(gateway, `/api/v1/studies/${studyUid}/rerun`, {
      body: "{}",
      headers: { "content-type": "application/json", "idempotency-key": key },
    });

  test("acts once, and gives its answer to all", async () => {
    const { studyUid, files } = phantom(12);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => rerun(studyUid, "at-once-12")),
    );
    const first = { status: 200, body: { study: studyUid, state: "closed" } };
    for (const answer of answers) expect(answer).toMatchObject(first);
    await planned(studyUid, 2);
    expect(await rerun(studyUid, "at-once-12")).toMatchObject(first);
    expect(await runsOf(studyUid)).toHaveLength(2);
  });

  test("acts when the first request was lost half done, and only then", async () => {
    const { studyUid, files } = phantom(13);
    await stow(gateway, files, CLOSE);
    await planned(studyUid);
    const lost = await gateway.db.transaction().execute(async (trx) => {
      await sql`LOCK TABLE audit IN ACCESS EXCLUSIVE MODE`.execute(trx);
      const answer = rerun(studyUid, "lost-13");
      await eventually("its connection is cut while it waits", async () => {
        const { rows } = await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query ILIKE 'insert into "audit"%'`.execute(
          gateway.db,
        );
        return rows.length > 0;
      });
      return answer;
    });
    expect(lost.status).toBe(503);
    expect((await rerun(studyUid, "lost-13")).status).toBe(200);
    await planned(studyUid, 2);
    expect(await runsOf(studyUid)).toHaveLength(2);
  });
});

describe("one image", () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "base64",
  );
  const classify = (body: Uint8Array<ArrayBuffer>, query = `model=${TINY_MODEL_ID}`) =>
    post(gateway, `/api/v1/images?${query}`, { body, headers: { "content-type": "image/png" } });

  test("becomes a study with a task on the queue", async () => {
    const answer = await classify(new Uint8Array(png));
    expect(answer.status).toBe(202);
    const { study, links } = answer.body as unknown as { study: string; links: { study: string } };
    expect(links.study).toBe(`${gateway.url}/api/v1/studies/${study}`);
    const [run] = await planned(study);
    const [task] = await tasksOf(run?.id);
    expect(task).toMatchObject({ model_id: TINY_MODEL_ID, slices: 1 });
    await eventually("the job is on the queue", async () => {
      const { waiting } = await gateway.queues.counts(INFER_QUEUES.routine);
      return waiting > 0;
    });
  });

  test("with an Idempotency-Key is one study, though no answer could be kept", async () => {
    const classifyAs = async (key: string) => {
      const headers = { "content-type": "image/png", "idempotency-key": key };
      const query = `model=${TINY_MODEL_ID}`;
      const body = new Uint8Array(png);
      const answer = await post(gateway, `/api/v1/images?${query}`, { body, headers });
      expect(answer.status).toBe(202);
      return (answer.body as unknown as { study: string }).study;
    };
    const at = await Promise.all(Array.from({ length: 4 }, () => classifyAs("image-1")));
    await gateway.db.deleteFrom("idempotency_key").where("key", "=", "image-1").execute();
    const studies = new Set([...at, await classifyAs("image-1")]);
    expect(studies.size).toBe(1);
    expect(studies).not.toContain(await classifyAs("image-2"));
    expect((await classify(new Uint8Array(png))).status).toBe(202);
  });

  test("answers what is wrong with it", async () => {
    expect((await classify(new Uint8Array(png), "model=nothing")).body.code).toBe(
      "model-not-found",
    );
    expect((await classify(new Uint8Array(Buffer.from("GIF89a….")))).body.code).toBe("not-dicom");
    const bomb = new Uint8Array(png);
    bomb.set([0x7f, 0xff, 0xff, 0xff], 16);
    bomb.set([0x7f, 0xff, 0xff, 0xff], 20);
    expect((await classify(bomb)).body.code).toBe("limit-exceeded");
    expect((await classify(new Uint8Array(png.subarray(0, 20)))).body.code).toBe("undecodable");
  });

  test("a DICOM file may be posted twice", async () => {
    const file = new Uint8Array(phantom(20, "brain", 1).files[0] ?? []);
    const answers = [await classify(file), await classify(file)];
    expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
    const studies = answers.map(({ body }) => (body as unknown as { study: string }).study);
    expect(new Set(studies).size).toBe(2);
  });
});

test("openapi.json covers the routes", async () => {
  const response = await fetch(`${gateway.url}/openapi.json`);
  const paths = Object.keys(((await response.json()) as { paths: object }).paths);
  expect(paths).toEqual(
    expect.arrayContaining([
      "/dicom-web/studies",
      "/api/v1/images",
      "/api/v1/keys",
      "/api/v1/studies/{study}/close",
    ]),
  );
});

test("API keys: made, used, listed, revoked", async () => {
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ name: "reader", role: "reader" });
  const made = await post(gateway, "/api/v1/keys", { body, headers: json });
  expect(made.status).toBe(201);
  const { id, key } = made.body as unknown as { id: string; key: string };
  const asReader = await stow({ url: gateway.url, key }, phantom(30).files);
  expect([asReader.status, asReader.body.code]).toEqual([403, "forbidden"]);
  const authorization = `Bearer ${gateway.key}`;
  const list = await fetch(`${gateway.url}/api/v1/keys`, { headers: { authorization } });
  expect(await list.text()).not.toContain(key);
  const revoke = () =>
    fetch(`${gateway.url}/api/v1/keys/${id}`, { method: "DELETE", headers: { authorization } });
  expect((await revoke()).status).toBe(204);
  expect((await revoke()).status).toBe(404);
  const audit = await gateway.db.selectFrom("audit").select("action").where("target", "=", id);
  expect((await audit.execute()).map((row) => row.action)).toEqual(["key.create", "key.revoke"]);
});
