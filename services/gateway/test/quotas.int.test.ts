import { newApiKey, newId, type TenantId } from "@axial/contracts";
import { sendInstances } from "@axial/dimse";
import { createApiKey, hashApiKey } from "@axial/store/keys";
import { foldTenantUsage, readTenantUsage } from "@axial/store/quotas";
import { createTenant } from "@axial/store/tenants";
import { eventually, phantomSeries } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow, valuesIn } from "./stow.ts";

const CLINIC = "clinic" as TenantId;
const FAILED = "00081198";
const REASON = "00081197";

let gateway: TestGateway;
let clinicKey: string;
beforeAll(async () => {
  gateway = await startGateway({ dimse: { host: "127.0.0.1", port: 0, defaultTitle: "AXIAL" } });
  const by = { tenant: CLINIC, keyId: null };
  await createTenant(gateway.db, { id: CLINIC, settings: {} }, by);
  clinicKey = newApiKey();
  const key = { id: newId<string>(), tenant: CLINIC, name: "admin", role: "admin" as const };
  await createApiKey(gateway.db, { ...key, hash: hashApiKey(clinicKey) }, by);
});
afterAll(() => gateway.close());

const series = (slices: number) => phantomSeries({ kind: "brain", slices, size: 16 });

function ask(path: string, init: RequestInit = {}, key = gateway.key): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...init.headers };
  return fetch(`${gateway.url}/api/v1${path}`, { ...init, headers });
}

async function set(tenant: string, quotas: object): Promise<void> {
  const answer = await ask(`/tenants/${tenant}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(quotas),
  });
  expect(answer.status).toBe(200);
}

const json = async (answer: Response) => JSON.parse(await answer.text());
const usage = async (tenant: string) => (await json(await ask(`/tenants/${tenant}`))).usage;

describe("what a tenant stores", () => {
  const clinic = () => ({ url: gateway.url, key: clinicKey });

  /** The gateway's reading of the quota is a second old at most. */
  const known = (what: string, holds: () => Promise<boolean>) => eventually(what, holds);

  test("is refused at the door beyond its quota, by every door, and others' is not", async () => {
    await set("clinic", { maxStoredInstances: 3 });
    await known("the quota holds", async () =>
      valuesIn(await stow(clinic(), series(4).files), FAILED, REASON).includes(0xa700),
    );
    const used = await usage("clinic");
    expect(used).toMatchObject({ storedInstances: 3 });
    expect(used.storedBytes).toBeGreaterThan(3 * 16 * 16);
    const refused = await stow(clinic(), series(1).files);
    expect(refused).toMatchObject({ status: 403, body: { code: "quota-exceeded" } });
    const image = await ask(
      "/images?model=tiny-brain",
      { method: "POST", body: new Uint8Array(series(1).files[0] ?? []) },
      clinicKey,
    );
    expect((await json(image)).code).toBe("quota-exceeded");
    expect((await stow(gateway, series(4).files)).status).toBe(200);
  });

  test("by C-STORE: out of resources", async () => {
    await set("default", { maxStoredInstances: (await usage("default")).storedInstances });
    const peer = { host: "127.0.0.1", port: gateway.dimsePort, calledAeTitle: "AXIAL" };
    const send = () => sendInstances({ ...peer, callingAeTitle: "MODALITY" }, series(1).files);
    await known("the door knows", async () => (await send())[0]?.status === 0xa700);
    await set("default", { maxStoredInstances: null, maxStoredBytes: 10 });
    await known("and the quota of bytes", async () => (await send())[0]?.status === 0xa700);
    await set("default", { maxStoredBytes: null });
    await known("until it is raised", async () => (await send())[0]?.status === 0);
  });

  test("is the same number once it is folded, and what is deleted counts until it is gone", async () => {
    const before = await readTenantUsage(gateway.db, CLINIC);
    while ((await foldTenantUsage(gateway.db)) > 0);
    expect(await readTenantUsage(gateway.db, CLINIC)).toEqual(before);
    await sql`WITH gone AS (DELETE FROM instance WHERE tenant_id = 'clinic' RETURNING *)
      INSERT INTO deleted_instance (id, tenant_id, study_uid, series_uid, sop_instance_uid, blob,
        bytes, keep_until)
      SELECT id, tenant_id, '1.2', '1.2', sop_instance_uid, blob, bytes, now()
      FROM gone`.execute(gateway.db);
    expect(await readTenantUsage(gateway.db, CLINIC)).toEqual(before);
    await sql`DELETE FROM deleted_instance WHERE tenant_id = 'clinic'`.execute(gateway.db);
    const after = { ...before, storedBytes: 0, storedInstances: 0 };
    expect(await readTenantUsage(gateway.db, CLINIC)).toEqual(after);
  });
});

test("while too many tasks of a tenant wait its stores are turned away for a time", async () => {
  const { db } = gateway;
  const id = newId();
  await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane)
    VALUES (${id}, 'clinic', ${id}, 'closed', 'routine')`.execute(db);
  await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished)
    VALUES (${id}, ${id}, 1, 'closed', 'active', 3)`.execute(db);
  await sql`INSERT INTO series (id, study_id, series_uid) VALUES (${id}, ${id}, '1.2')`.execute(db);
  await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
      model_version, manifest, slices, state, not_before)
    SELECT md5(${id} || n), ${id}, ${id}, ${id}, 'clinic', 'routine', 'm' || n, '1',
      repeat('0', 64), 1, 'pending', now() + interval '1 day'
    FROM generate_series(1, 3) AS n`.execute(db);
  await set("clinic", { maxPendingTasks: 3, maxStoredInstances: null });
  await eventually("the backlog is full", async () => {
    const answer = await stow({ url: gateway.url, key: clinicKey }, series(1).files);
    return answer.status === 429 && answer.body.code === "rate-limited";
  });
  expect(await usage("clinic")).toMatchObject({ pendingTasks: 3 });
  await sql`DELETE FROM task WHERE study_id = ${id}`.execute(db);
});

test("a tenant has as many keys as its quota says", async () => {
  await set("clinic", { maxKeys: 2 });
  const make = () =>
    ask(
      "/keys",
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "viewer", role: "reader" }),
      },
      clinicKey,
    );
  const made = await make();
  expect(made.status).toBe(201);
  expect((await json(await make())).code).toBe("quota-exceeded");
  const { id } = await json(made);
  expect((await ask(`/keys/${id}`, { method: "DELETE" }, clinicKey)).status).toBe(204);
  expect((await make()).status).toBe(201);
});

test("requests beyond a tenant's quota are answered 429 with Retry-After, others' are not", async () => {
  await set("clinic", { maxRequestsPerMinute: 5 });
  const read = (key: string) => ask("/keys", {}, key);
  await eventually("the quota is known", async () => (await read(clinicKey)).status === 429);
  const refused = await read(clinicKey);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await json(refused)).code).toBe("rate-limited");
  expect((await read(gateway.key)).status).toBe(200);
  await set("clinic", { maxRequestsPerMinute: null });
  await eventually("until it is raised", async () => (await read(clinicKey)).status === 200);
});

test("wrong keys are turned away ever longer, and a right one from there is not", async () => {
  const wrong = () => ask("/keys", {}, newApiKey());
  expect((await ask("/keys")).status).toBe(200);
  const first = await Promise.all(Array.from({ length: 10 }, wrong));
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]));
  const turned = await wrong();
  expect(turned.status).toBe(429);
  expect(turned.headers.get("retry-after")).toBe("1");
  expect((await ask("/keys")).status).toBe(200);
  await eventually("the pause is over, and the next is longer", async () => {
    const answer = await wrong();
    return answer.status === 429 && Number(answer.headers.get("retry-after")) >= 2;
  });
});

test("refusals are counted by quota", async () => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const quota of ["requests", "stored", "pending-tasks", "keys"]) {
    const counted = new RegExp(`axial_quota_refused_total\\{quota="${quota}"[^}]*\\} [1-9]`);
    expect(text).toMatch(counted);
  }
});
