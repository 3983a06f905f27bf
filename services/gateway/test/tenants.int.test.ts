import { createHash } from "node:crypto";
import { type BlobKey, newApiKey, newId, type TenantId } from "@axial/contracts";
import { createApiKey, hashApiKey } from "@axial/store/keys";
import { notify } from "@axial/store/notify";
import { createTenant } from "@axial/store/tenants";
import { eventually, phantomSeries } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

const CLINIC = "clinic" as TenantId;

let gateway: TestGateway;
let clinicKey: string;
beforeAll(async () => {
  gateway = await startGateway();
  clinicKey = newApiKey();
  const key = { id: newId<string>(), tenant: CLINIC, name: "admin", role: "admin" as const };
  const by = { tenant: CLINIC, keyId: null };
  await createTenant(gateway.db, { id: CLINIC, settings: {} }, by);
  await createApiKey(gateway.db, { ...key, hash: hashApiKey(clinicKey) }, by);
});
afterAll(() => gateway.close());

async function ask(method: string, path: string, body?: object, key = gateway.key) {
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

const actions = async (target: string) => {
  const rows = gateway.db.selectFrom("audit").select("action").where("target", "=", target);
  return (await rows.orderBy("id").execute()).map((row) => row.action);
};

test("what a tenant has is known by its hashes, to itself only", async () => {
  const { files } = phantomSeries({ kind: "brain", slices: 2, size: 16 });
  await stow(gateway, files);
  const hashes = [...files, Buffer.from("unknown")].map((file) =>
    createHash("sha256").update(file).digest("hex"),
  );
  const own = await ask("POST", "/instances/known", { hashes });
  expect(own.body.known.toSorted()).toEqual(hashes.slice(0, 2).toSorted());
  expect((await ask("POST", "/instances/known", { hashes }, clinicKey)).body.known).toEqual([]);
  expect((await ask("POST", "/instances/known", { hashes: ["x"] })).status).toBe(400);
});

/** Pending tasks of a tenant, and a worker that wants them. */
async function backlog(tenant: string, tasks: number): Promise<void> {
  const { db } = gateway;
  const [study, run] = [newId(), newId()];
  await sql`INSERT INTO worker (id, capacity, models, provider, seen_at)
    VALUES ('w', 50, '{}', 'cpu', now() + interval '1 hour')
    ON CONFLICT (id) DO NOTHING`.execute(db);
  await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane)
    VALUES (${study}, ${tenant}, ${study}, 'closed', 'routine')`.execute(db);
  await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
    VALUES (${run}, ${study}, 1, 'closed', 'active', ${tasks})`.execute(db);
  await sql`INSERT INTO series (id, study_id, series_uid)
    VALUES (${study}, ${study}, '1.2')`.execute(db);
  const manifest = "0".repeat(64) as BlobKey;
  await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
      model_version, manifest, slices, state)
    SELECT md5(${run} || n), ${run}, ${study}, ${study}, ${tenant}, 'routine', 'm' || n, '1',
      ${manifest}, 1, 'pending' FROM generate_series(1, ${tasks}::integer) AS n`.execute(db);
  await notify(db, { event: "tasks-pending" });
}

const dispatched = async (tenant: string) => {
  const { rows } = await sql<{ tasks: number }>`SELECT count(*)::integer AS tasks FROM task
    WHERE tenant_id = ${tenant} AND state <> 'pending'`.execute(gateway.db);
  return rows[0]?.tasks ?? 0;
};

describe("tenants", () => {
  test("are made, shown, changed and audited by the home tenant's admins", async () => {
    const made = await ask("POST", "/tenants", { id: "trial", weight: 3, keepImagesDays: 30 });
    expect(made).toMatchObject({ status: 201, body: { id: "trial", weight: 3, paused: false } });
    expect((await ask("POST", "/tenants", { id: "trial" })).body.code).toBe("conflict");
    const changes = { maxTasksPerMinute: 60, keepImagesDays: null, maxImageBytes: 5_000_000_000 };
    expect((await ask("PATCH", "/tenants/trial", changes)).body).toMatchObject({
      ...changes,
      weight: 3,
    });
    const { tenants } = (await ask("GET", "/tenants")).body;
    expect(tenants.map((tenant: { id: string }) => tenant.id)).toEqual([
      "clinic",
      "default",
      "trial",
    ]);
    expect(await actions("trial")).toEqual(["tenant.create", "tenant.change"]);
    expect((await ask("GET", "/tenants/nobody")).status).toBe(404);
    expect((await ask("PATCH", "/tenants/nobody", changes)).status).toBe(404);
  });

  test.each([
    { weight: 0 },
    { maxConcurrentTasks: 0 },
    { keepStudiesDays: 1.5 },
    { keepImageDays: 3 },
    { paused: "sometimes" },
  ])("what is not a setting is refused: %j", async (changes) => {
    expect((await ask("PATCH", "/tenants/default", changes)).body.code).toBe("invalid-request");
  });

  test("another tenant's admin sees its own and changes none", async () => {
    const { tenants } = (await ask("GET", "/tenants", undefined, clinicKey)).body;
    expect(tenants.map((tenant: { id: string }) => tenant.id)).toEqual(["clinic"]);
    expect((await ask("GET", "/tenants/default", undefined, clinicKey)).status).toBe(404);
    expect((await ask("PATCH", "/tenants/clinic", { weight: 9 }, clinicKey)).status).toBe(403);
    expect((await ask("POST", "/tenants", { id: "mine" }, clinicKey)).status).toBe(403);
  });

  test("a key for a tenant that there is not makes none", async () => {
    const key = { name: "x", role: "reader", tenant: "mistyped" };
    expect((await ask("POST", "/keys", key)).status).toBe(404);
    expect((await ask("GET", "/tenants/mistyped")).status).toBe(404);
    expect((await ask("POST", "/keys", key, clinicKey)).status).toBe(403);
  });

  test("a pause holds the dispatcher, and limits what it takes", async () => {
    await ask("PATCH", "/tenants/clinic", { paused: true, maxConcurrentTasks: 2 });
    await backlog("clinic", 5);
    await backlog("default", 1);
    await eventually("the other tenant's task is dispatched", async () => {
      return (await dispatched("default")) === 1;
    });
    expect(await dispatched("clinic")).toBe(0);
    await ask("PATCH", "/tenants/clinic", { paused: false });
    await eventually("as many as it may have", async () => (await dispatched("clinic")) === 2);
    await ask("PATCH", "/tenants/clinic", { maxConcurrentTasks: null });
    await eventually("all of them", async () => (await dispatched("clinic")) === 5);
  });
});

test("a study is put under legal hold and let go", async () => {
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 1 });
  expect((await stow(gateway, files)).status).toBe(200);
  const path = `/studies/${studyUid}/hold`;
  expect((await ask("PUT", path, {})).status).toBe(400);
  expect((await ask("DELETE", path)).status).toBe(409);
  expect((await ask("PUT", path, { reason: "court order" })).status).toBe(204);
  const rows = gateway.db.selectFrom("study").select(["id", "hold_since", "hold_reason"]);
  const held = await rows.where("study_uid", "=", studyUid).executeTakeFirstOrThrow();
  expect(held).toMatchObject({ hold_since: expect.any(Date), hold_reason: "court order" });
  expect((await ask("DELETE", path)).status).toBe(204);
  expect(await actions(held.id)).toEqual(["study.store", "study.hold", "study.release"]);
  expect((await ask("PUT", path, { reason: "x" }, clinicKey)).status).toBe(404);
});
