import { buffer } from "node:stream/consumers";
import { deflateRawSync } from "node:zlib";
import { newApiKey, newId, newUid, type TenantId } from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { createApiKey, hashApiKey } from "@axial/store/keys";
import { createTenant } from "@axial/store/tenants";
import { type DataSetElements, encodeRle, phantomSeries, writePart10 } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { multipart, post } from "./stow.ts";

const CLINIC = "clinic" as TenantId;
const RLE = "1.2.840.10008.1.2.5";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const SIDE = 512;
/** Five megabytes without compression: more than is held of one request. */
const FRAMES = 20;

/** A loop of grey frames. */
function loop(frames: number, more: DataSetElements = {}): DataSetElements {
  const frame = encodeRle(Buffer.alloc(SIDE * SIDE, 9), 1);
  return {
    ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.3.1", SOPInstanceUID: newUid() },
    ...{ StudyInstanceUID: newUid(), SeriesInstanceUID: newUid(), Modality: "US" },
    ...{ Rows: SIDE, Columns: SIDE, SamplesPerPixel: 1, BitsAllocated: 8, BitsStored: 8 },
    ...{ HighBit: 7, PixelRepresentation: 0, PhotometricInterpretation: "MONOCHROME2" },
    NumberOfFrames: String(frames),
    PixelData: { fragments: Array<Buffer>(frames).fill(frame) },
    ...more,
  };
}

/** The same data set, deflated. */
function deflated(elements: DataSetElements): Buffer {
  const dataSetStart = (file: Buffer) => 144 + file.readUInt32LE(140);
  const plain = writePart10({ elements });
  const meta = writePart10({ elements, transferSyntax: DEFLATED });
  return Buffer.concat([
    meta.subarray(0, dataSetStart(meta)),
    deflateRawSync(plain.subarray(dataSetStart(plain))),
  ]);
}

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
    const deidentifyRegions = [
      { name: "banner", when: { Modality: "US" }, blank: [{ x: 0, y: 0, width: SIDE, height: 1 }] },
    ];
    const changed = await fetch(`${gateway.url}/api/v1/tenants/${CLINIC}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ deidentify: "modified-dates", deidentifyRegions }),
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
    // The modality, in place: a kind that no rule is about.
    const at = risky.indexOf(Buffer.from([0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00]));
    risky.write("OT", at + 8, "latin1");
    const before = (await stored()).length;
    const answer = await send([risky]);
    expect(JSON.stringify(answer.body)).toContain("may show the patient");
    expect((await stored()).length).toBe(before);
  });

  /** What was stored of the only instance of an answer. */
  async function storedOf({ body }: Awaited<ReturnType<typeof send>>): Promise<Buffer> {
    const [, uid = ""] =
      /"00081155":\{"vr":"UI","Value":\["([0-9.]+)"/.exec(JSON.stringify(body)) ?? [];
    const { blob } = await gateway.db
      .selectFrom("instance")
      .select("blob")
      .where("sop_instance_uid", "=", uid)
      .executeTakeFirstOrThrow();
    return buffer(await gateway.blobs.getStream(blob));
  }

  test("compressed frames are blanked, and stored in pieces where they are large", async () => {
    const bytes = writePart10({ elements: loop(FRAMES), transferSyntax: RLE });
    expect(bytes.length).toBeLessThan(200_000);
    const answer = await send([bytes]);
    expect(answer.status).toBe(200);
    const made = await storedOf(answer);
    expect(made.length).toBeGreaterThan(FRAMES * SIDE * SIDE);
    const { data } = await decodeFrame(readInstance(made), FRAMES - 1);
    expect([data[0], data[SIDE - 1], data[SIDE]]).toEqual([0, 0, 9]);
  });

  test("a small file that would be decompressed to gigabytes is refused, undecoded", async () => {
    const elements = loop(FRAMES, { NumberOfFrames: "9000" });
    const before = await stored();
    const answer = await send([writePart10({ elements, transferSyntax: RLE })]);
    expect(answer.status).toBe(409);
    // C003: a limit. Decoding would have missed the frames that are not there.
    expect(JSON.stringify(answer.body)).toContain('"00081197":{"vr":"US","Value":[49155]}');
    expect(await stored()).toHaveLength(before.length);
  });

  test("a deflated instance is de-identified too", async () => {
    const PixelData = { vr: "OB", value: Buffer.alloc(SIDE * SIDE, 9) } as const;
    const answer = await send([deflated(loop(1, { Modality: "MR", PixelData }))]);
    expect(answer.status).toBe(200);
    expect(readInstance(await storedOf(answer)).dataset.string(0x0012_0062)).toBe("YES");
  });

  test("another tenant's are stored as they come", async () => {
    await post(gateway, "/dicom-web/studies", { body: new Uint8Array(multipart(files)) });
    const { rows } = await sql<{ study_uid: string }>`
      SELECT study_uid FROM study WHERE tenant_id = 'default'`.execute(gateway.db);
    expect(rows).toEqual([{ study_uid: uids.study }]);
  });
});
