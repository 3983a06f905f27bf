import {
  type BlobKey,
  INFER_QUEUES,
  inferJobId,
  newId,
  newUid,
  type SeriesId,
} from "@axial/contracts";
import { sweepDeleted } from "@axial/store/deletion";
import { placeHold } from "@axial/store/retention";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, as, startApi } from "../support/api.ts";
import { type SeededStudy, seedStudy, TENANT } from "../support/seed.ts";

describe("DELETE of studies, series and instances", () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api?.stop());

  const remove = (url: string, role: "admin" | "operator" = "admin") =>
    api.server.inject({ method: "DELETE", url, headers: as(role) });
  const shown = async ({ studyUid }: SeededStudy) =>
    (await api.server.inject({ url: `/api/v1/studies/${studyUid}`, headers: as("reader") })).json();

  async function twoInstances() {
    // The seeds share a blob, which the deletion before has condemned.
    await sql`DELETE FROM blob_tombstone`.execute(api.stack.db);
    const blob = await api.stack.blobs.put(Buffer.from(newUid()));
    const instances = [newUid(), newUid()].map((sopInstanceUid) => ({ sopInstanceUid, blob }));
    return { seeded: await seedStudy(api.stack.db, { instances }), instances, blob };
  }
  const kept = (blob: BlobKey) =>
    api.stack.db.selectFrom("deleted_instance").selectAll().where("blob", "=", blob).execute();
  const condemned = async (blob: BlobKey) =>
    (await sql`SELECT FROM blob_tombstone WHERE key = ${blob}`.execute(api.stack.db)).rows.length;

  it("removes a study with its work, keeps its files for a while, then condemns them", async () => {
    const { seeded, blob } = await twoInstances();
    const path = `/api/v1/studies/${seeded.studyUid}`;
    expect((await remove(path, "operator")).statusCode).toBe(403);
    expect((await remove(path)).statusCode).toBe(204);
    expect((await shown(seeded)).code).toBe("not-found");
    expect(await kept(blob)).toHaveLength(2);
    await sql`DELETE FROM blob_tombstone`.execute(api.stack.db);
    expect(await sweepDeleted(api.stack.db)).toBe(0);
    await sql`UPDATE deleted_instance SET keep_until = now() - interval '1 s'`.execute(
      api.stack.db,
    );
    expect(await sweepDeleted(api.stack.db)).toBe(2);
    expect(await condemned(blob)).toBe(1);
    const audit = api.stack.db.selectFrom("audit").select(["action", "address"]);
    expect(await audit.where("target", "=", seeded.study).execute()).toEqual([
      { action: "study.delete", address: "127.0.0.1" },
    ]);
    expect((await remove(path)).statusCode).toBe(404);
  });

  it("removes an instance with the answers of its series, and has the rest planned anew", async () => {
    const { seeded, instances } = await twoInstances();
    const series = `/api/v1/studies/${seeded.studyUid}/series/${seeded.seriesUid}`;
    const [one, other] = instances.map(({ sopInstanceUid }) => sopInstanceUid);
    expect((await remove(`${series}/instances/${newUid()}`)).statusCode).toBe(404);
    expect((await remove(`${series}/instances/${one}`)).statusCode).toBe(204);
    const study = await api.stack.db
      .selectFrom("study")
      .selectAll()
      .where("id", "=", seeded.study)
      .executeTakeFirstOrThrow();
    expect(study).toMatchObject({ state: "closed", plan_reason: "rerun", instance_count: 1 });
    const tasks = api.stack.db.selectFrom("task").select("id").where("study_id", "=", seeded.study);
    expect(await tasks.execute()).toEqual([]);
    expect((await remove(`${series}/instances/${other}`)).statusCode).toBe(204);
    expect((await shown(seeded)).code).toBe("not-found");
  });

  it("withdraws the jobs of what it removes from the queue", async () => {
    const { seeded } = await twoInstances();
    const [task] = seeded.tasks;
    if (task === undefined) throw new Error("a task");
    const job = inferJobId({ task, attempt: 1 });
    await sql`UPDATE task SET dispatched_lane = 'routine' WHERE id = ${task}`.execute(api.stack.db);
    await api.queues.jobs.add(INFER_QUEUES.routine, [{ id: job, data: {} }]);
    expect(await api.queues.jobs.states(INFER_QUEUES.routine, [job])).toEqual(["waiting"]);
    expect((await remove(`/api/v1/studies/${seeded.studyUid}`)).statusCode).toBe(204);
    expect(await api.queues.jobs.states(INFER_QUEUES.routine, [job])).toEqual(["missing"]);
  });

  it("keeps what it removed of a study that has come under legal hold since", async () => {
    const { seeded, instances, blob } = await twoInstances();
    const series = `/api/v1/studies/${seeded.studyUid}/series/${seeded.seriesUid}`;
    await remove(`${series}/instances/${instances[0]?.sopInstanceUid}`);
    const { db } = api.stack;
    const by = { tenant: TENANT, keyId: null };
    await placeHold(db, { study: seeded.study, reason: "court" }, by);
    await sql`UPDATE deleted_instance SET keep_until = now() - interval '1 s'`.execute(db);
    await sweepDeleted(db);
    expect(await kept(blob)).toHaveLength(1);
  });

  it("lists the versions that newer ones replaced, with their files", async () => {
    const { seeded, blob } = await twoInstances();
    await sql`INSERT INTO deleted_instance (id, tenant_id, study_uid, series_uid, sop_instance_uid,
        blob, bytes, keep_until, reason)
      VALUES (${newId()}, ${TENANT}, ${seeded.studyUid}, ${seeded.seriesUid}, '1.2', ${blob}, 1,
        'infinity', 'replaced')`.execute(api.stack.db);
    const path = `/api/v1/studies/${seeded.studyUid}/versions`;
    const listed = await api.server.inject({ url: path, headers: as("operator") });
    const [version] = listed.json().versions;
    expect(version).toMatchObject({ series: seeded.seriesUid, instance: "1.2", keepUntil: null });
    const file = await api.server.inject({ url: version.href, headers: as("operator") });
    expect(file.headers["content-type"]).toBe("application/dicom");
    expect(file.rawPayload.equals(Buffer.from(await api.stack.blobs.get(blob)))).toBe(true);
    const stranger = as("operator", "other" as typeof TENANT);
    const other = await api.server.inject({ url: version.href, headers: stranger });
    expect(other.statusCode).toBe(404);
    const reader = await api.server.inject({ url: path, headers: as("reader") });
    expect(reader.statusCode).toBe(403);
  });

  it("removes one series of several", async () => {
    const { seeded } = await twoInstances();
    const more = { id: newId<SeriesId>(), series_uid: newUid(), modality: "MR" };
    const { db } = api.stack;
    await db
      .insertInto("series")
      .values({ ...more, study_id: seeded.study, instance_count: 1 })
      .execute();
    await sql`UPDATE instance SET series_id = ${more.id} WHERE id = (SELECT max(id) FROM instance
      WHERE study_id = ${seeded.study})`.execute(db);
    const path = `/api/v1/studies/${seeded.studyUid}/series`;
    expect((await remove(`${path}/${seeded.seriesUid}`)).statusCode).toBe(204);
    expect((await shown(seeded)).series).toEqual([
      { series: more.series_uid, modality: "MR", instances: 1 },
    ]);
  });

  it("is refused under legal hold, and another tenant's is not there", async () => {
    const { seeded, blob } = await twoInstances();
    await placeHold(
      api.stack.db,
      { study: seeded.study, reason: "court" },
      { tenant: TENANT, keyId: null },
    );
    const path = `/api/v1/studies/${seeded.studyUid}`;
    const refused = await remove(path);
    expect([refused.statusCode, refused.json().code]).toEqual([409, "conflict"]);
    expect(await kept(blob)).toEqual([]);
    expect((await shown(seeded)).state).toBe("closed");
    const stranger = await api.server.inject({
      method: "DELETE",
      url: path,
      headers: as("admin", "other" as typeof TENANT),
    });
    expect(stranger.statusCode).toBe(404);
  });
});
