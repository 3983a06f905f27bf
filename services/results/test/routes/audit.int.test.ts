import { newId, type Role, type TenantId } from "@axial/contracts";
import { chainAudit } from "@axial/store/audit";
import { createApiKey, createAuthenticator, hashApiKey, revokeApiKey } from "@axial/store/keys";
import { createTenant } from "@axial/store/tenants";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, startApi } from "../support/api.ts";
import { seedStudy, TENANT } from "../support/seed.ts";

const OTHER = "other" as TenantId;
/** Documented: a key that was revoked opens nothing after it. */
const WITHIN_SECONDS = 5;

describe("audit and revocation", () => {
  let api: Api;
  /** The clock by which keys are remembered, and what was answered about them. */
  let clockMs = 0;
  const answered: string[] = [];
  beforeAll(async () => {
    api = await startApi({
      authenticate: (db) => {
        const authenticate = createAuthenticator(db, () => clockMs);
        return async (token) => {
          const answer = await authenticate(token);
          answered.push(answer.status);
          return answer;
        };
      },
    });
  });
  afterAll(() => api?.stop());

  async function newKey(role: Role, tenant: TenantId = TENANT) {
    const id = newId<string>();
    const secret = `key-${id}`;
    const key = { id, tenant, name: `${role} key`, role, hash: hashApiKey(secret) };
    await createTenant(api.stack.db, { id: tenant, settings: {} }, { tenant, keyId: null });
    await createApiKey(api.stack.db, key, { tenant, keyId: null });
    return { id, headers: { authorization: `Bearer ${secret}` } };
  }
  const get = (url: string, headers: { authorization: string }) =>
    api.server.inject({ url, headers });

  it("shows who read what and from where, to the tenant's admins", async () => {
    const [admin, reader] = [await newKey("admin"), await newKey("reader")];
    const { study, studyUid } = await seedStudy(api.stack.db);
    const path = `/api/v1/studies/${studyUid}`;
    for (const part of ["", "", "/why"]) await get(path + part, reader.headers);
    await get("/api/v1/results", reader.headers);
    await get("/api/v1/audit", reader.headers);
    await get(`${path}9`, reader.headers);
    const answer = await get(`/api/v1/audit?key=${reader.id}`, admin.headers);
    const { entries } = answer.json();
    expect(entries.toReversed()).toMatchObject([
      { action: "study.read", target: study, study: studyUid, address: "127.0.0.1" },
      {
        action: "result.search",
        key: { id: reader.id, name: "reader key" },
        target: null,
        outcome: "success",
      },
      { action: "access", outcome: "refused", detail: { route: "GET /api/v1/audit" } },
    ]);
    expect((await get("/api/v1/audit?limit=0", admin.headers)).statusCode).toBe(400);
  });

  it("has who looked at dead tasks and deliveries, and from where", async () => {
    const [admin, operator] = [await newKey("admin"), await newKey("operator")];
    for (const path of ["dlq", "deliveries"]) await get(`/api/v1/${path}`, operator.headers);
    const { entries } = (await get(`/api/v1/audit?key=${operator.id}`, admin.headers)).json();
    const address = "127.0.0.1";
    expect(entries.toReversed()).toMatchObject([
      { action: "dead-letter.read", address },
      { action: "delivery.read", address },
    ]);
  });

  it("pages back, and is exported whole as NDJSON and as FHIR AuditEvents", async () => {
    const [admin, reader] = [await newKey("admin"), await newKey("reader")];
    const { study, studyUid } = await seedStudy(api.stack.db);
    const tags = { "00100020": { vr: "LO", Value: ["P-1"] } };
    await sql`UPDATE study SET tags = ${JSON.stringify(tags)} WHERE id = ${study}`.execute(
      api.stack.db,
    );
    await get(`/api/v1/studies/${studyUid}`, reader.headers);
    await eventually("the read has its place in the chain", async () => {
      await chainAudit(api.stack.db);
      const { entries } = (await get(`/api/v1/audit?key=${reader.id}`, admin.headers)).json();
      return entries[0]?.seq > 0 && /^[0-9a-f]{64}$/.test(entries[0]?.hash);
    });
    const first = (await get("/api/v1/audit?limit=2", admin.headers)).json();
    const next = (await get(`/api/v1/audit?limit=2&cursor=${first.next}`, admin.headers)).json();
    expect(Number(next.entries[0].id)).toBeLessThan(Number(first.entries[1].id));
    const lines = (await get("/api/v1/audit?format=ndjson", admin.headers)).body.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toContain(next.entries[0].id);
    const fhir = await get(`/api/v1/audit?format=fhir&key=${reader.id}`, admin.headers);
    expect(fhir.headers["content-type"]).toContain("application/fhir+ndjson");
    expect(JSON.parse(fhir.body)).toMatchObject({
      resourceType: "AuditEvent",
      type: { code: "110103" },
      action: "R",
      outcome: "0",
      agent: [{ who: { identifier: { value: reader.id } }, network: { address: "127.0.0.1" } }, {}],
      entity: [
        { what: { identifier: { value: "P-1" } }, role: { code: "1" } },
        { what: { identifier: { system: "urn:dicom:uid", value: `urn:oid:${studyUid}` } } },
      ],
    });
  });

  it("of another tenant is the home tenant's admins' to see, and nobody else's", async () => {
    const [home, other] = [await newKey("admin"), await newKey("admin", OTHER)];
    await get("/api/v1/results", other.headers);
    const asked = await get(`/api/v1/audit?tenant=${OTHER}&action=result.search`, home.headers);
    expect(asked.json().entries).toMatchObject([{ tenant: OTHER, key: { id: other.id } }]);
    expect((await get("/api/v1/audit?tenant=default", other.headers)).statusCode).toBe(403);
    const own = (await get("/api/v1/audit", other.headers)).json().entries;
    expect(own.every(({ tenant }: { tenant: string }) => tenant === OTHER)).toBe(true);
  });

  it("has the key that was refused because it is revoked", async () => {
    const [admin, gone] = [await newKey("admin"), await newKey("reader")];
    const key = { tenant: TENANT, id: gone.id, reason: "lost with a laptop" };
    await revokeApiKey(api.stack.db, key, { tenant: TENANT, keyId: admin.id });
    expect((await get("/api/v1/results", gone.headers)).statusCode).toBe(401);
    const { entries } = (await get("/api/v1/audit?limit=9", admin.headers)).json();
    const about = entries.filter(
      (entry: { target: string; key: { id: string } }) =>
        entry.target === gone.id || entry.key?.id === gone.id,
    );
    expect(about).toMatchObject([
      { action: "login", outcome: "refused", detail: { reason: "revoked-key" } },
      { action: "key.revoke", key: { id: admin.id }, detail: { reason: "lost with a laptop" } },
      { action: "key.create" },
    ]);
  });

  it.each([
    ["is revoked", sql`UPDATE api_key SET revoked_at = now()`],
    ["expires", sql`UPDATE api_key SET expires_at = now()`],
    ["is gone", sql`DELETE FROM api_key`],
  ])("an event stream ends within five seconds when its key %s", async (_how, change) => {
    const reader = await newKey("reader");
    const { studyUid } = await seedStudy(api.stack.db);
    const address = await listening();
    const stream = await fetch(`${address}/api/v1/studies/${studyUid}/events`, reader);
    expect(stream.status).toBe(200);
    let ended = false;
    const text = stream.text().finally(() => {
      ended = true;
    });
    // Its checks, each a second by the clock of the keys, find nothing while nothing has changed.
    const checked = async (checks: number) => {
      const before = answered.length;
      await eventually("it asks about its key", () => ended || answered.length >= before + checks);
    };
    for (let second = 0; second < WITHIN_SECONDS; second += 1) {
      await checked(1);
      clockMs += 1_000;
    }
    expect(ended).toBe(false);
    await sql`${change} WHERE id = ${reader.id}`.execute(api.stack.db);
    const before = answered.length;
    while (!answered.slice(before).includes("refused")) {
      await checked(1);
      clockMs += 1_000;
    }
    // Ends by itself: the study is still at work.
    expect(await text).not.toContain("event: end");
    expect(answered.length - before).toBeLessThanOrEqual(WITHIN_SECONDS);
  });

  let address: string | undefined;
  async function listening(): Promise<string> {
    address ??= await api.server.listen({ host: "127.0.0.1", port: 0 });
    return address;
  }
});
