import { randomBytes } from "node:crypto";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { INFER_QUEUES, inferJobId, type TaskId } from "@axial/contracts";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { condemnShard } from "../../src/sweep/condemn-shard.ts";
import { removeLeftovers } from "../../src/sweep/queue-leftovers.ts";
import { type Api, as, startApi } from "../support/api.ts";
import { seedStudy } from "../support/seed.ts";

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const call = async (method: "GET" | "POST", url: string) => {
  const answer = await api.server.inject({ method, url, headers: as("admin") });
  return { status: answer.statusCode, body: answer.payload === "" ? null : answer.json() };
};

test("counts what is due, sweeps when told to, and leaves what is under hold", async () => {
  const { db, blobs } = api.stack;
  const image = await blobs.put(randomBytes(50));
  const [due, held] = [
    await seedStudy(db, { instances: [{ sopInstanceUid: "2.25.1", blob: image }], models: [] }),
    await seedStudy(db, { models: [] }),
  ];
  await sql`UPDATE run SET state = 'complete'`.execute(db);
  await sql`UPDATE study SET state = 'complete', completed_at = now() - interval '9 days'`.execute(
    db,
  );
  await sql`UPDATE study SET hold_since = now(), hold_reason = 'court order'
    WHERE id = ${held.study}`.execute(db);
  await sql`UPDATE tenant SET keep_studies_days = 5`.execute(db);

  const { body } = await call("GET", "/api/v1/retention");
  expect(body).toMatchObject({ due: { studies: 1, images: 0 }, underHold: 1 });
  expect((await call("GET", `/api/v1/studies/${due.studyUid}`)).status).toBe(200);

  expect((await call("POST", "/api/v1/retention/sweep")).status).toBe(202);
  await eventually("the study is gone", async () => {
    return (await call("GET", `/api/v1/studies/${due.studyUid}`)).status === 404;
  });
  expect((await call("GET", `/api/v1/studies/${held.studyUid}`)).body).toMatchObject({
    hold: { reason: "court order" },
  });
  await call("POST", "/api/v1/retention/sweep");
  await eventually("its image is collected", async () => !(await blobs.has(image)));
  const metrics = await api.server.inject({ url: "/metrics" });
  expect(metrics.payload).toMatch(/axial_swept_total\{kind="studies"[^}]*\} 1/);
});

test("jobs whose attempts are over are taken off the lanes once they are old", async () => {
  const { db } = api.stack;
  const study = await seedStudy(db, { models: ["over", "in-flight"] });
  const [over, inFlight] = study.tasks.map((task, index) => ({
    task,
    attempt: 1,
    manifest: "0".repeat(64),
    lane: "routine",
    model: ["over", "in-flight"][index],
    dispatchedAt: 1,
  }));
  await db
    .updateTable("task")
    .set({ state: "cancelled" })
    .where("id", "=", study.tasks[0] as TaskId)
    .execute();
  const jobs = [over, inFlight].flatMap((data) => (data ? [{ id: inferJobId(data), data }] : []));
  await api.queues.jobs.add(INFER_QUEUES.routine, jobs);
  const states = () =>
    api.queues.jobs.states(
      INFER_QUEUES.routine,
      jobs.map(({ id }) => id),
    );
  expect(await removeLeftovers(db, api.queues)).toBe(0);
  const later = Date.now() + 2 * 3_600_000;
  expect(await removeLeftovers(db, api.queues, later)).toBe(1);
  expect(await states()).toEqual(["missing", "waiting"]);
});

test("what was written and never committed is condemned once it is old", async () => {
  const { db, blobs, blobUrl } = api.stack;
  const [young, old] = [await blobs.put(randomBytes(50)), await blobs.put(randomBytes(50))];
  const path = join(fileURLToPath(blobUrl), old.slice(0, 2), old.slice(2, 3), old);
  await utimes(path, 0, 0);
  for (const key of [young, old])
    await condemnShard(db, blobs, Number.parseInt(key.slice(0, 2), 16));
  await call("POST", "/api/v1/retention/sweep");
  await eventually("the old one is collected", async () => !(await blobs.has(old)));
  expect(await blobs.has(young)).toBe(true);
});
