import { randomUUID } from "node:crypto";
import type { BackfillEstimate, BackfillSummary } from "@axial/contracts";
import { phantomSeries, TINY_MODEL_ID } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../start-gateway.ts";
import { stow } from "../stow.ts";

const PATH = "/api/v1/backfills";
const CLINIC = "clinic";
const NEW = { name: "again", source: "stored", filter: { modality: "MR" } };

interface Ask {
  readonly method?: string;
  readonly body?: object;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let gateway: TestGateway;
/** Keys by name: `role of tenant`. */
const keys = new Map<string, string>();
beforeAll(async () => {
  gateway = await startGateway();
  await ask("/api/v1/tenants", { body: { id: CLINIC } });
  await ask("/api/v1/tenants", { body: { id: "other" } });
  for (const [role, tenant] of [
    ["admin", "default"],
    ["operator", "default"],
    ["admin", CLINIC],
    ["admin", "other"],
  ] as const) {
    const { body } = await ask("/api/v1/keys", { body: { name: `${role}`, role, tenant } });
    keys.set(`${role} of ${tenant}`, (body as { key: string }).key);
  }
});
afterAll(() => gateway.close());

async function ask(path: string, { method = "POST", body, key, headers = {} }: Ask = {}) {
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key ?? gateway.key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
}

const as = (name: string, tenant?: string) => ({
  key: keys.get(name) ?? "",
  headers: tenant === undefined ? {} : { "axial-tenant": tenant },
});
const backfillsOf = async (tenant: string) =>
  (
    (await ask(PATH, { method: "GET", ...as(`admin of ${tenant}`) })).body as {
      backfills: BackfillSummary[];
    }
  ).backfills;

describe("a backfill for another tenant", () => {
  const admin = () => as("admin of default", CLINIC);
  const { studyUid, files } = phantomSeries({ kind: "brain", slices: 2, size: 32, seed: 5 });

  it("takes the images that the home tenant's admin sends for it", async () => {
    const answer = await stow({ ...gateway, key: admin().key }, files, admin().headers);
    expect(answer.status).toBe(200);
    const rows = await gateway.db.selectFrom("study").select(["tenant_id", "study_uid"]).execute();
    expect(rows).toEqual([{ tenant_id: CLINIC, study_uid: studyUid }]);
  });

  it("is tried, started, paused and shown by the home tenant's admin, as the tenant's own", async () => {
    const tried = await ask(`${PATH}/estimate`, {
      body: { models: [TINY_MODEL_ID] },
      ...admin(),
    });
    expect(tried).toMatchObject({
      status: 200,
      body: { studies: 1 } satisfies Partial<BackfillEstimate>,
    });
    const started = await ask(PATH, { body: NEW, ...admin() });
    expect(started).toMatchObject({ status: 201, body: { name: "again" } });
    const { id } = started.body as BackfillSummary;
    expect(await backfillsOf(CLINIC)).toMatchObject([{ id }]);
    expect(await backfillsOf("other")).toEqual([]);
    const paused = await ask(`${PATH}/${id}/pause`, { body: {}, ...admin() });
    expect(paused).toMatchObject({ status: 200, body: { state: "paused" } });
    expect((await ask(`${PATH}/${id}`, { method: "GET", ...admin() })).status).toBe(200);
    // Without the header the key sees its own tenant's alone.
    const own = as("admin of default");
    expect((await ask(`${PATH}/${id}`, { method: "GET", ...own })).status).toBe(404);

    const entries = gateway.db
      .selectFrom("audit")
      .innerJoin("api_key", "api_key.id", "audit.key_id")
      .select(["audit.tenant_id", "action", "api_key.tenant_id as of"]);
    expect(await entries.where("target", "=", id).orderBy("audit.id").execute()).toEqual([
      { tenant_id: CLINIC, action: "backfill.start", of: "default" },
      { tenant_id: CLINIC, action: "backfill.pause", of: "default" },
    ]);
  });

  it.each(["admin of other", "admin of clinic", "operator of default"])(
    "is not for the %s",
    async (name) => {
      const tenant = name === "admin of clinic" ? "default" : CLINIC;
      const [{ id } = { id: "" }] = await backfillsOf(CLINIC);
      for (const [path, body] of [
        [PATH, NEW],
        [`${PATH}/estimate`, {}],
        [`${PATH}/${id}/cancel`, {}],
        ["/api/v1/instances/known", { hashes: [] }],
      ] as const) {
        expect(await ask(path, { body, ...as(name, tenant) })).toMatchObject({
          status: 403,
          body: { code: "forbidden" },
        });
      }
      const { key, headers } = as(name, tenant);
      expect((await stow({ ...gateway, key }, files, headers)).status).toBe(403);
      expect(await backfillsOf(CLINIC)).toHaveLength(1);
    },
  );

  it("is refused for an unknown tenant, and by routes that do not take the header", async () => {
    const unknown = as("admin of default", "unknown");
    expect((await ask(PATH, { body: NEW, ...unknown })).status).toBe(404);
    const malformed = as("admin of default", "Not A Tenant");
    expect((await ask(PATH, { body: NEW, ...malformed })).status).toBe(400);
    const [{ id } = { id: "" }] = await backfillsOf(CLINIC);
    for (const path of [`${PATH}/${id}/results`, `${PATH}/${id}/items`, "/api/v1/sources"]) {
      expect((await ask(path, { method: "GET", ...admin() })).status, path).toBe(400);
    }
    // Its own tenant may be named everywhere.
    const own = as("admin of default", "default");
    expect((await ask("/api/v1/sources", { method: "GET", ...own })).status).toBe(200);
  });
});

describe("a repeated request to start a backfill", () => {
  it("returns the first one, also when both come at once", async () => {
    const key = as("admin of clinic");
    const once = { ...key, headers: { "idempotency-key": randomUUID() } };
    const before = (await backfillsOf(CLINIC)).length;
    const answers = await Promise.all([
      ask(PATH, { body: NEW, ...once }),
      ask(PATH, { body: NEW, ...once }),
    ]);
    answers.push(await ask(PATH, { body: NEW, ...once }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => (body as BackfillSummary).id)).size).toBe(1);
    expect(await backfillsOf(CLINIC)).toHaveLength(before + 1);
    expect((await ask(PATH, { body: { ...NEW, name: "b" }, ...once })).status).toBe(409);
    // Another request is another backfill.
    expect((await ask(PATH, { body: NEW, ...key })).status).toBe(201);
    expect(await backfillsOf(CLINIC)).toHaveLength(before + 2);
  });

  it("is tried anew where the first one was refused", async () => {
    const once = { ...as("admin of other"), headers: { "idempotency-key": "later" } };
    expect((await ask(PATH, { body: NEW, ...once })).status).toBe(409);
    const { files } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 6 });
    await stow({ ...gateway, key: once.key }, files);
    expect((await ask(PATH, { body: NEW, ...once })).status).toBe(201);
  });
});
