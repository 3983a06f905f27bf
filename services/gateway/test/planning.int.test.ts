import { type BackfillEstimate, newUid, type TaskInput, type TenantId } from "@axial/contracts";
import { createMetrics } from "@axial/kit";
import { closeStudies } from "@axial/store/ingest";
import { findStudy, mendStranded, planStudies, supersedeRuns } from "@axial/store/planning";
import { eventually, TINY_MODEL_ID, writePart10 } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refuseUnplannable } from "../src/plan/planner.ts";
import { CLOSE, phantom, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { post, stow } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { runsOf, planned, tasksOf } = plansOf(() => gateway);

describe("planning", () => {
  test("a closed study becomes a task whose input lists its slices in order", async () => {
    const { studyUid, files } = phantom(1);
    await stow(gateway, files.toReversed(), CLOSE);
    const [run] = await planned(studyUid);
    expect(run).toMatchObject({ reason: "closed", state: "active", unfinished: 1 });
    const [task] = await tasksOf(run?.id);
    expect(task).toMatchObject({ model_id: TINY_MODEL_ID, slices: 4, lane: "routine" });
    const bytes = await gateway.blobs.get(task?.manifest ?? ("" as never));
    const input: TaskInput = JSON.parse(Buffer.from(bytes).toString());
    expect(input.task).toBe(task?.id);
    const sent = await Promise.all(input.slices.map((slice) => gateway.blobs.get(slice.blob)));
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

  test("a million frames in a file of a megabyte are refused, not looked at", async () => {
    const StudyInstanceUID = newUid();
    const file = (frames: number) =>
      writePart10({
        elements: {
          ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7.2", SOPInstanceUID: newUid() },
          ...{ StudyInstanceUID, SeriesInstanceUID: newUid(), Modality: "OT", Rows: 1, Columns: 1 },
          ...{
            SamplesPerPixel: 1,
            PhotometricInterpretation: "MONOCHROME2",
            NumberOfFrames: frames,
          },
          ...{ BitsAllocated: 8, BitsStored: 8, HighBit: 7, PixelRepresentation: 0 },
          PixelData: new Uint8Array(frames),
        },
      });
    expect((await stow(gateway, [file(1_000_000), file(3_000)], CLOSE)).status).toBe(200);
    const [run] = await planned(StudyInstanceUID);
    const refusals = await gateway.db
      .selectFrom("refusal")
      .select(["code", "model_id"])
      .where("run_id", "=", run?.id ?? ("" as never))
      .orderBy("code")
      .execute();
    expect(refusals).toEqual([
      { code: "study-too-large", model_id: null },
      { code: "wrong-modality", model_id: TINY_MODEL_ID },
    ]);
  });

  test("an estimate leaves out studies beyond its limits, and says how many it looked at", async () => {
    const [small, large] = [phantom(31), phantom(32)];
    for (const { files } of [small, large]) await stow(gateway, files);
    const count = sql`UPDATE study SET instance_count = 50000 WHERE study_uid = ${large.studyUid}`;
    await count.execute(gateway.db);
    const answer = await fetch(`${gateway.url}/api/v1/backfills/estimate`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: "{}",
    });
    const { studies, sampled, tasks } = (await answer.json()) as BackfillEstimate;
    expect(studies).toBeGreaterThan(1);
    expect(sampled).toBe(studies - 1);
    expect(tasks).toEqual([{ model: `${TINY_MODEL_ID} 1.0.0`, tasks: expect.any(Number) }]);
  });

  test("both sides of the body in one series become a task each", async () => {
    const [study, series] = [newUid(), newUid()];
    const files = ["L", "R"].flatMap((side, which) =>
      Array.from({ length: 4 }, (_, index) =>
        writePart10({
          elements: {
            ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.4", SOPInstanceUID: newUid() },
            ...{ StudyInstanceUID: study, SeriesInstanceUID: series, Modality: "MR" },
            ...{ BodyPartExamined: "BRAIN", ImageLaterality: side, Rows: 8, Columns: 8 },
            ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
            ImagePositionPatient: `0\\0\\${3 * index}`,
            ...{ SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" },
            ...{ BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: 0 },
            PixelData: new Uint16Array(64).fill(10 * which + index),
          },
        }),
      ),
    );
    expect((await stow(gateway, files, CLOSE)).status).toBe(200);
    const [run] = await planned(study);
    const tasks = (await tasksOf(run?.id)).toSorted((a, b) => a.part - b.part);
    expect(tasks.map(({ part, slices }) => [part, slices])).toEqual([
      [0, 4],
      [1, 4],
    ]);
    const inputs = await Promise.all(tasks.map(({ manifest }) => gateway.blobs.get(manifest)));
    const sides = inputs.map((bytes) => JSON.parse(Buffer.from(bytes).toString()).laterality);
    expect(sides.toSorted()).toEqual(["L", "R"]);
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

  test("a study that cannot be planned does not hold up others, and is refused when it is given up", async () => {
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
