import { newUid } from "@axial/contracts";
import { readInstance, Tag } from "@axial/dicom";
import { eventually, phantomSeries, writePart10 } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { MULTIPART, multipart, post, stow, valuesIn } from "./stow.ts";

const FAILED = "00081198";
const STORED = "00081199";
const OTHER = "0008119A";
const REASON = "00081197";
const COMMENT = "00000902";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const phantom = (seed: number, slices = 4) =>
  phantomSeries({ kind: "brain", seed, slices, size: 32 });

async function studyRow(studyUid: string) {
  return gateway.db
    .selectFrom("study")
    .selectAll()
    .where("study_uid", "=", studyUid)
    .executeTakeFirst();
}

async function instanceCount(studyUid: string): Promise<number> {
  const rows = await gateway.db
    .selectFrom("instance")
    .innerJoin("study", "study.id", "instance.study_id")
    .select("instance.id")
    .where("study_uid", "=", studyUid)
    .execute();
  return rows.length;
}

describe("storing", () => {
  test("answers 200 with references, and the bytes are there", async () => {
    const { studyUid, seriesUid, files } = phantom(1);
    const answer = await stow(gateway, files);
    expect(answer.status).toBe(200);
    expect(answer.type).toContain("application/dicom+json");
    expect(valuesIn(answer, STORED, "00081155")).toHaveLength(4);
    const url = `${gateway.url}/dicom-web/studies/${studyUid}`;
    expect(answer.body["00081190"]?.Value).toEqual([url]);
    expect(valuesIn(answer, STORED, "00081190")[0]).toContain(`${url}/series/${seriesUid}/inst`);
    expect(answer.body[FAILED]).toBeUndefined();
    const row = await studyRow(studyUid);
    expect(row).toMatchObject({ state: "receiving", lane: "routine", instance_count: 4 });
    const stored = await gateway.db.selectFrom("instance").select(["blob", "facts"]).execute();
    const first = stored[0];
    const bytes = first && (await gateway.blobs.get(first.blob));
    expect(files.some((file) => bytes && file.equals(bytes))).toBe(true);
    expect(first?.facts).toMatchObject({ studyUid, modality: "MR", rows: 32 });
  });

  test("the same again is success and stored once", async () => {
    const { studyUid, files } = phantom(2);
    await stow(gateway, files);
    const again = await stow(gateway, [...files, ...files]);
    expect(again.status).toBe(200);
    expect(valuesIn(again, STORED, "00081155")).toHaveLength(8);
    expect(await instanceCount(studyUid)).toBe(4);
    expect((await studyRow(studyUid))?.instance_count).toBe(4);
  });

  test("the same UID with other bytes is refused, and nothing is overwritten", async () => {
    const { files } = phantom(3, 1);
    await stow(gateway, files);
    const changed = Buffer.from(files[0] ?? []);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    const answer = await stow(gateway, [changed]);
    expect(answer.status).toBe(409);
    expect(valuesIn(answer, FAILED, REASON)).toEqual([45070]);
    expect((await stow(gateway, files)).status).toBe(200);
  });

  test("one bad part among good ones is 202 and costs the good ones nothing", async () => {
    const { studyUid, files } = phantom(4);
    const answer = await stow(gateway, [
      files[0] ?? Buffer.of(),
      Buffer.from("nonsense"),
      ...files.slice(1),
    ]);
    expect(answer.status).toBe(202);
    expect(valuesIn(answer, STORED, "00081155")).toHaveLength(4);
    expect(valuesIn(answer, OTHER, REASON)).toEqual([0xc000]);
    expect(await instanceCount(studyUid)).toBe(4);
  });

  test("a single application/dicom body, and chunked encoding", async () => {
    const { studyUid, files } = phantom(5, 2);
    const [first, second] = files.map((file) => new Uint8Array(file));
    const single = await post(gateway, "/dicom-web/studies", {
      body: first ?? "",
      headers: { "content-type": "application/dicom" },
    });
    expect(single.status).toBe(200);
    const body = multipart([second ?? Buffer.of()]);
    const chunked = await fetch(`${gateway.url}/dicom-web/studies/${studyUid}`, {
      method: "POST",
      duplex: "half",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": MULTIPART },
      body: new Blob([new Uint8Array(body)]).stream(),
    });
    expect(chunked.status).toBe(200);
    expect(await instanceCount(studyUid)).toBe(2);
  });

  test("many senders of one study at the same moment: each instance once", async () => {
    const { studyUid, files } = phantom(6, 24);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, sender) => {
        const turned = [...files.slice(sender * 3), ...files.slice(0, sender * 3)];
        return stow(gateway, sender % 2 === 0 ? turned : turned.toReversed());
      }),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(await instanceCount(studyUid)).toBe(24);
    expect((await studyRow(studyUid))?.instance_count).toBe(24);
  });

  test("a large instance goes through a file", async () => {
    const { studyUid, file } = largeInstance(6_000_000);
    expect((await stow(gateway, [file])).status).toBe(200);
    const row = await gateway.db
      .selectFrom("instance")
      .innerJoin("study", "study.id", "instance.study_id")
      .select(["blob", "bytes"])
      .where("study_uid", "=", studyUid)
      .executeTakeFirstOrThrow();
    expect(Number(row.bytes)).toBe(file.length);
    expect(file.equals(await gateway.blobs.get(row.blob))).toBe(true);
    const cut = await stow(gateway, [largeInstance(6_000_000).file.subarray(0, -10_000)]);
    expect(cut.status).toBe(409);
    expect(valuesIn(cut, FAILED, REASON)).toEqual([0xc002]);
  });
});

function largeInstance(bytes: number) {
  const studyUid = newUid();
  const rows = Math.ceil(bytes / 2_000);
  const file = writePart10({ elements: image({ StudyInstanceUID: studyUid, Rows: rows }) });
  return { studyUid, file };
}

function image(more: { Rows: number; StudyInstanceUID?: string; PixelData?: Uint8Array }) {
  return {
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    SOPInstanceUID: newUid(),
    SeriesInstanceUID: newUid(),
    StudyInstanceUID: newUid(),
    Modality: "MR",
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    Columns: 1_000,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    PixelData: new Uint8Array(more.Rows * 2_000),
    ...more,
  };
}

describe("what hostile files say", () => {
  const DEFLATED = "1.2.840.10008.1.2.1.99";
  const PixelData = new Uint8Array(2_000);

  test.each([
    ["no rows", { Rows: 0 }],
    ["no columns", { Rows: 1, Columns: 0 }],
    ["less than no frames", { Rows: 1, NumberOfFrames: "-1" }],
  ])("an image of %s is refused as damaged", async (_what, elements) => {
    const file = writePart10({ elements: { ...image({ Rows: 1 }), PixelData, ...elements } });
    const answer = await stow(gateway, [file]);
    expect(answer.status).toBe(409);
    expect(valuesIn(answer, FAILED, REASON).concat(valuesIn(answer, OTHER, REASON))).toEqual([
      0xc000,
    ]);
  });

  test("text with NUL in it is stored without", async () => {
    const StudyInstanceUID = newUid();
    const text = { PatientName: "A\0B^C", Modality: "M\0R", StudyDescription: "a\0b" };
    const elements = { ...image({ Rows: 1 }), PixelData, StudyInstanceUID, ...text };
    expect((await stow(gateway, [writePart10({ elements })])).status).toBe(200);
    expect(await instanceCount(StudyInstanceUID)).toBe(1);
  });

  test("a count that is not a number is refused", async () => {
    for (const count of ["1e999", "-1", "0", "1.5", "x"]) {
      const answer = await stow(gateway, phantom(40, 1).files, {
        "axial-expected-instances": count,
      });
      expect(answer.status).toBe(400);
    }
  });

  test("a deflated instance and one of many elements go through a thread", async () => {
    const deflated = { ...image({ Rows: 1 }), PixelData };
    const items = Array.from({ length: 20_000 }, () => ({}));
    const many = { ...image({ Rows: 1 }), PixelData, "00400275": items };
    const answer = await stow(gateway, [
      writePart10({ elements: deflated, transferSyntax: DEFLATED }),
      writePart10({ elements: many }),
    ]);
    expect(answer.status).toBe(200);
    for (const { StudyInstanceUID } of [deflated, many]) {
      expect(await instanceCount(StudyInstanceUID)).toBe(1);
    }
  });
});

describe("closing", () => {
  test("with the request", async () => {
    const { studyUid, files } = phantom(10);
    await stow(gateway, files, { "axial-close": "true", "axial-lane": "stat" });
    expect(await studyRow(studyUid)).toMatchObject({ close_reason: "request", lane: "stat" });
  });

  test("not with a request that breaks off, but with its repetition", async () => {
    const { studyUid, files } = phantom(14);
    const body = new Uint8Array(multipart(files));
    const headers = { "axial-close": "true" };
    const cut = { body: body.subarray(0, body.length - 100), headers };
    const answer = await post(gateway, "/dicom-web/studies", cut);
    expect(answer.status).toBe(202);
    expect(await studyRow(studyUid)).toMatchObject({ state: "receiving", close_reason: null });
    expect((await stow(gateway, files, headers)).status).toBe(200);
    expect(await studyRow(studyUid)).toMatchObject({ close_reason: "request" });
  });

  test("with the request, without what is no image in it", async () => {
    const { studyUid, files } = phantom(15);
    const answer = await stow(gateway, [...files, Buffer.from("a text")], {
      "axial-close": "true",
    });
    expect(answer.status).toBe(202);
    expect(await studyRow(studyUid)).toMatchObject({ close_reason: "request" });
  });

  test("by the expected number, however it arrives", async () => {
    const { studyUid, files } = phantom(11);
    await stow(gateway, files.slice(0, 3), { "axial-expected-instances": "4" });
    expect((await studyRow(studyUid))?.state).toBe("receiving");
    await stow(gateway, files);
    expect(await studyRow(studyUid)).toMatchObject({ close_reason: "expected" });
  });

  test("the lane can be in the address", async () => {
    const { studyUid, files } = phantom(12, 1);
    const body = new Uint8Array(multipart(files));
    const answer = await post(gateway, "/lanes/backfill/dicom-web/studies", { body });
    expect(answer.status).toBe(200);
    expect((await studyRow(studyUid))?.lane).toBe("backfill");
    expect((await post(gateway, "/lanes/express/dicom-web/studies", { body })).status).toBe(400);
  });
});

describe("bad input", () => {
  const cases: [string, string, string, number, string][] = [
    ["not multipart", "text/plain", "hello", 415, "unsupported-media-type"],
    ["no content type", "", "hello", 415, "unsupported-media-type"],
    [
      "another type in parts",
      "multipart/related; type=image/png; boundary=b",
      "--b--",
      415,
      "unsupported-media-type",
    ],
    ["no boundary", "multipart/related; type=application/dicom", "--b--", 400, "invalid-multipart"],
    ["not the boundary", MULTIPART, "--b\r\n\r\nx\r\n--b--", 400, "invalid-multipart"],
    ["no parts", MULTIPART, "--axial-test--\r\n", 400, "invalid-request"],
    ["nothing", MULTIPART, "", 400, "invalid-multipart"],
  ];
  test.each(cases)("%s", async (_name, type, body, status, code) => {
    const headers = { "content-type": type };
    const answer = await post(gateway, "/dicom-web/studies", { body, headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.type).toContain("application/problem+json");
  });

  test("unknown Accept is 406, a bad study in the path 400, no key 401", async () => {
    const body = new Uint8Array(multipart(phantom(20, 1).files));
    const accept = { accept: "application/dicom+xml" };
    expect((await post(gateway, "/dicom-web/studies", { body, headers: accept })).status).toBe(406);
    expect((await post(gateway, "/dicom-web/studies/not-a-uid", { body })).status).toBe(400);
    const stranger = { url: gateway.url, key: "wrong-key-wrong-key" };
    expect((await post(stranger, "/dicom-web/studies", { body })).status).toBe(401);
  });

  test("parts that are empty, not DICOM, cut short, lying or without UIDs", async () => {
    const good = phantom(21, 1).files[0] ?? Buffer.of();
    const lie = {
      ...image({ Rows: 10, PixelData: new Uint8Array(100) }),
      Rows: 65_535,
      Columns: 65_535,
    };
    const { StudyInstanceUID: _study, ...noStudy } = image({ Rows: 1 });
    const parts: [Uint8Array, string, number][] = [
      [Buffer.of(), OTHER, 0xc000],
      [Buffer.from("no DICOM at all, but long enough to be looked at"), OTHER, 0xc000],
      [good.subarray(0, good.length - 100), FAILED, 0xc002],
      [writePart10({ elements: lie }), FAILED, 0xc002],
      [writePart10({ elements: noStudy }), OTHER, 0xc001],
    ];
    for (const [part, sequence, reason] of parts) {
      const answer = await stow(gateway, [part]);
      expect(answer.status).toBe(409);
      expect(valuesIn(answer, sequence, REASON)).toEqual([reason]);
    }
  });

  test("a file cut anywhere before its image, inside an element or between two", async () => {
    const good = phantom(25, 1).files[0] ?? Buffer.of();
    const { elements } = readInstance(good).dataset;
    const named = elements.get(Tag.SeriesInstanceUid)?.offset ?? 0;
    const described = elements.get(Tag.Columns)?.offset ?? 0;
    const ends = [...elements.values()]
      .filter(({ offset }) => offset > named && offset < described)
      .flatMap(({ offset, length }) => [offset + length, offset + length + 5]);
    const answer = await stow(
      gateway,
      ends.map((end) => good.subarray(0, end)),
    );
    expect(answer.status).toBe(409);
    expect(new Set(valuesIn(answer, FAILED, REASON))).toEqual(new Set([0xc002]));
    expect(valuesIn(answer, FAILED, REASON)).toHaveLength(ends.length);
    expect(new Set(valuesIn(answer, FAILED, COMMENT))).toEqual(
      new Set(["The file ends inside its header, before its image."]),
    );
    // Before its UIDs, and inside of its file meta information.
    for (const end of [elements.get(Tag.Modality)?.offset ?? 0, 200]) {
      const cut = await stow(gateway, [good.subarray(0, end - 1)]);
      expect(valuesIn(cut, OTHER, REASON)).toEqual([0xc002]);
    }
  });

  test("a study that the path does not name", async () => {
    const body = new Uint8Array(multipart(phantom(22, 2).files));
    const answer = await post(gateway, `/dicom-web/studies/${newUid()}`, { body });
    expect(answer.status).toBe(409);
    expect(valuesIn(answer, FAILED, REASON)).toEqual([0xa901, 0xa901]);
  });

  test("a body that breaks off keeps what came before, and says so", async () => {
    const { studyUid, files } = phantom(23, 3);
    const whole = multipart(files);
    const answer = await post(gateway, "/dicom-web/studies", {
      body: new Uint8Array(whole.subarray(0, whole.length - 500)),
    });
    expect(answer.status).toBe(202);
    expect(valuesIn(answer, OTHER, REASON)).toEqual([0xc004]);
    expect(await instanceCount(studyUid)).toBe(2);
  });

  test("an object that is no image is stored", async () => {
    const report = {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.88.11",
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      StudyInstanceUID: newUid(),
      Modality: "SR",
    };
    expect((await stow(gateway, [writePart10({ elements: report })])).status).toBe(200);
  });

  test("text that jsonb refuses does not cost its neighbours", async () => {
    const odd = { ...image({ Rows: 1 }), SeriesDescription: "a\0b", StudyDescription: "\ud800" };
    const answer = await stow(gateway, [writePart10({ elements: odd }), ...phantom(24, 1).files]);
    expect(answer.status).toBe(200);
  });
});

test("no log line names a patient or a study", async () => {
  const { studyUid } = phantom(1);
  const text = gateway.lines.join("\n");
  expect(text).not.toContain(studyUid);
  expect(text).not.toMatch(/PatientName|PHANTOM|1\.2\.840|2\.25\./);
});

test("a full backlog turns senders away with Retry-After, before anything is read", async () => {
  const full = await startGateway({ marks: { reservedDiskBytes: Number.MAX_SAFE_INTEGER } });
  try {
    const response = await fetch(`${full.url}/dicom-web/studies`, {
      method: "POST",
      headers: { authorization: `Bearer ${full.key}`, "content-type": MULTIPART },
      body: new Uint8Array(multipart(phantom(50).files)),
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await full.db.selectFrom("instance").select("id").execute()).length).toBe(0);
  } finally {
    await full.close();
  }
});

test("a database that goes away: 503, nothing acknowledged; and it goes on when it is back", async () => {
  const own = await startGateway();
  try {
    const { studyUid, files } = phantom(60, 3);
    await sql`ALTER TABLE instance RENAME TO instance_away`.execute(own.db);
    const refused = await stow(own, files);
    expect([500, 503]).toContain(refused.status);
    await sql`ALTER TABLE instance_away RENAME TO instance`.execute(own.db);
    expect((await stow(own, files)).status).toBe(200);
    const study = own.db.selectFrom("study").select("instance_count");
    const row = await study.where("study_uid", "=", studyUid).executeTakeFirst();
    expect(row?.instance_count).toBe(3);
    const terminated = await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name LIKE 'axial%' AND pid <> pg_backend_pid()`.execute(own.db);
    expect(terminated.rows.length).toBeGreaterThan(0);
    const after = await eventually("it stores again", async () => {
      const answer = await stow(own, phantom(61, 2).files);
      return answer.status === 200 ? answer : undefined;
    });
    expect(after.status).toBe(200);
  } finally {
    await own.close();
  }
});
