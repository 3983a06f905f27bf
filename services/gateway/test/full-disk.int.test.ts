import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newUid } from "@axial/contracts";
import { Status, sendInstances } from "@axial/dimse";
import {
  eventually,
  openSmallDisk,
  phantomSeries,
  type SmallDisk,
  skipNow,
  writePart10,
} from "@axial/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CLOSE } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { MULTIPART, multipart, stow, valuesIn } from "./stow.ts";

const [FAILED, STORED, REASON] = ["00081198", "00081199", "00081197"] as const;
const OUT_OF_RESOURCES = 0xa701;
const PAGE = 4_096;

let folder: string;
let disk: SmallDisk;
let gateway: TestGateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-full-disk-"));
  disk = await openSmallDisk(join(folder, "blobs"));
  // No reserve: the gate would turn senders away before the disk does, which is not what is tried.
  gateway = await startGateway({
    blobFolder: disk.folder,
    marks: { reservedDiskBytes: 0 },
    dimse: { host: "127.0.0.1", port: 0 },
  });
});
beforeEach(() => disk.relieve());
afterAll(async () => {
  await gateway?.close();
  await disk?.close();
  await rm(folder, { recursive: true, force: true });
});

const phantom = (slices: number) =>
  phantomSeries({ kind: "brain", seed: Math.floor(Math.random() * 1e6), slices, size: 32 });

/** An instance too large to be held in memory: it goes to the disk while it comes. */
function largeInstance(): Buffer {
  const rows = 3_000;
  return writePart10({
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      StudyInstanceUID: newUid(),
      Modality: "MR",
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      Rows: rows,
      Columns: 1_000,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: new Uint8Array(rows * 2_000),
    },
  });
}

async function isKept(file: Uint8Array, studyUid: string): Promise<boolean> {
  const rows = await gateway.db
    .selectFrom("instance")
    .innerJoin("study", "study.id", "instance.study_id")
    .select("blob")
    .where("study_uid", "=", studyUid)
    .execute();
  for (const { blob } of rows)
    if (Buffer.from(file).equals(await gateway.blobs.get(blob))) return true;
  return false;
}

async function closeReason(studyUid: string): Promise<string | null> {
  const row = await gateway.db
    .selectFrom("study")
    .select("close_reason")
    .where("study_uid", "=", studyUid)
    .executeTakeFirstOrThrow();
  return row.close_reason;
}

const halfWritten = () => readdir(join(disk.folder, "incoming"));

test("nothing is acknowledged that the disk did not take; reading and writing go on", async (context) => {
  if (disk.skip !== null) skipNow(context, disk.skip);
  const [before, refused] = [phantom(3), phantom(3)];
  expect((await stow(gateway, before.files)).status).toBe(200);
  await disk.fill();
  const answer = await fetch(`${gateway.url}/dicom-web/studies`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": MULTIPART },
    body: new Uint8Array(multipart(refused.files)),
  });
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ code: "unavailable" });
  expect(await halfWritten()).toEqual([]);
  for (const file of before.files) expect(await isKept(file, before.studyUid)).toBe(true);
  for (const file of refused.files) expect(await isKept(file, refused.studyUid)).toBe(false);
  await disk.relieve();
  expect((await stow(gateway, refused.files)).status).toBe(200);
  for (const file of refused.files) expect(await isKept(file, refused.studyUid)).toBe(true);
});

test("what came before the disk was full is kept, and each of the rest is named", async (context) => {
  if (disk.skip !== null) skipNow(context, disk.skip);
  const { studyUid, files } = phantom(80);
  await disk.fill(40 * PAGE);
  const answer = await stow(gateway, files, CLOSE);
  expect(answer.status).toBe(202);
  expect(await closeReason(studyUid)).toBeNull();
  const stored = valuesIn(answer, STORED, "00081155");
  const failed = valuesIn(answer, FAILED, REASON);
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.length + failed.length).toBe(80);
  expect(new Set(failed)).toEqual(new Set([OUT_OF_RESOURCES]));
  const kept = await Promise.all(files.map((file) => isKept(file, studyUid)));
  expect(kept.filter(Boolean)).toHaveLength(stored.length);
  expect(await halfWritten()).toEqual([]);
  await disk.relieve();
  expect((await stow(gateway, files, CLOSE)).status).toBe(200);
  expect(await closeReason(studyUid)).toBe("request");
});

test("the release of an association that has instances to repeat closes no study", async (context) => {
  if (disk.skip !== null) skipNow(context, disk.skip);
  const answer = await fetch(`${gateway.url}/api/v1/application-entities`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ calledTitle: "AXIAL", closeOnRelease: true }),
  });
  expect(answer.status).toBe(201);
  const titles = { calledAeTitle: "AXIAL", callingAeTitle: "MODALITY" };
  const peer = { host: "127.0.0.1", port: gateway.dimsePort, ...titles };
  const { studyUid, files } = phantom(80);
  await disk.fill(40 * PAGE);
  const statuses = (await sendInstances(peer, files)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([Status.success, OUT_OF_RESOURCES]));
  await disk.relieve();
  // Of a later association: what the first one closes is closed by then.
  const later = phantom(1);
  expect(await sendInstances(peer, later.files)).toMatchObject([{ status: Status.success }]);
  await eventually("a later study is closed", () => closeReason(later.studyUid));
  expect(await closeReason(studyUid)).toBeNull();
  const again = await sendInstances(peer, files);
  expect(new Set(again.map(({ status }) => status))).toEqual(new Set([Status.success]));
  await eventually("the study is closed", () => closeReason(studyUid));
  expect(await closeReason(studyUid)).toBe("request");
});

test("a large instance that does not fit costs the small ones before it nothing", async (context) => {
  if (disk.skip !== null) skipNow(context, disk.skip);
  const { studyUid, files } = phantom(2);
  await disk.fill(500 * PAGE);
  const answer = await stow(gateway, [...files, largeInstance()]);
  expect(answer.status).toBe(202);
  expect(valuesIn(answer, STORED, "00081155")).toHaveLength(2);
  expect(valuesIn(answer, FAILED, REASON)).toEqual([OUT_OF_RESOURCES]);
  for (const file of files) expect(await isKept(file, studyUid)).toBe(true);
  expect(await halfWritten()).toEqual([]);
  expect((await stow(gateway, [largeInstance()])).status).toBe(503);
});
