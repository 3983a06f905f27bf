import { buffer } from "node:stream/consumers";
import { newApiKey, newId, type TenantId } from "@axial/contracts";
import { readInstance } from "@axial/dicom";
import { createApiKey, hashApiKey } from "@axial/store/keys";
import { createTenant } from "@axial/store/tenants";
import { phantomSeries } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { multipart, post } from "./stow.ts";

const CLINIC = "clinic" as TenantId;

describe("a tenant whose instances are stored without their patients", () => {
  let gateway: TestGateway;
  let key: string;
  const { files } = phantomSeries({ kind: "brain", slices: 4 });
  const original = readInstance(files[0] ?? Buffer.alloc(0)).dataset;
  const uids = { study: original.string(0x0020_000d) ?? "", patient: original.string(0x0010_0020) };

  beforeAll(async () => {
    gateway = await startGateway();
    key = newApiKey();
    const row = { id: newId<string>(), tenant: CLINIC, name: "k", role: "admin" as const };
    await createTenant(gateway.db, { id: CLINIC, settings: {} }, { tenant: CLINIC, keyId: null });
    await createApiKey(
      gateway.db,
      { ...row, hash: hashApiKey(key) },
      { tenant: CLINIC, keyId: null },
    );
    const changed = await fetch(`${gateway.url}/api/v1/tenants/${CLINIC}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ deidentify: "modified-dates" }),
    });
    expect(await changed.json()).toMatchObject({ deidentify: "modified-dates" });
  });
  afterAll(() => gateway?.close());

  const send = (parts: readonly Uint8Array[], path = "/dicom-web/studies") =>
    post({ url: gateway.url, key }, path, { body: new Uint8Array(multipart(parts)) });

  async function stored() {
    const { rows } = await sql<{ blob: string; study_uid: string; tags: object }>`
      SELECT i.blob, s.study_uid, s.tags FROM instance i JOIN study s ON s.id = i.study_id
      WHERE i.tenant_id = ${CLINIC}`.execute(gateway.db);
    return rows;
  }

  test("neither rows nor blobs have who it was; UIDs of one study stay together", async () => {
    const answer = await send(files);
    expect(answer.status).toBe(200);
    const rows = await stored();
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.study_uid)).size).toBe(1);
    const text = JSON.stringify(rows);
    for (const phi of [uids.study, uids.patient ?? "?"]) expect(text).not.toContain(phi);
    for (const { blob } of rows) {
      const bytes = await buffer(await gateway.blobs.getStream(blob as never));
      const { dataset } = readInstance(bytes);
      expect(bytes.includes(uids.study)).toBe(false);
      expect(bytes.includes(uids.patient ?? "?")).toBe(false);
      expect(dataset.string(0x0012_0062)).toBe("YES");
    }
    expect(JSON.stringify(answer.body)).toContain(rows[0]?.study_uid);
  });

  test("the same again is the same, also at the address of its study", async () => {
    expect((await send(files, `/dicom-web/studies/${uids.study}`)).status).toBe(200);
    expect(await stored()).toHaveLength(4);
    const elsewhere = await send(files, "/dicom-web/studies/1.2.3");
    expect(elsewhere.status).toBe(409);
  });

  test("an instance that may show its patient is refused and kept nowhere", async () => {
    const risky = Buffer.from(files[0] ?? []);
    // The modality, in place: ultrasound.
    const at = risky.indexOf(Buffer.from([0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00]));
    risky.write("US", at + 8, "latin1");
    const before = (await stored()).length;
    const answer = await send([risky]);
    expect(JSON.stringify(answer.body)).toContain("may show the patient");
    expect((await stored()).length).toBe(before);
  });

  test("another tenant's are stored as they come", async () => {
    await post(gateway, "/dicom-web/studies", { body: new Uint8Array(multipart(files)) });
    const { rows } = await sql<{ study_uid: string }>`
      SELECT study_uid FROM study WHERE tenant_id = 'default'`.execute(gateway.db);
    expect(rows).toEqual([{ study_uid: uids.study }]);
  });
});
