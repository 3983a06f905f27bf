import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { BackfillView, PullView } from "@axial/contracts";
import { sendInstances } from "@axial/dimse";
import {
  type DcmtkArchive,
  eventually,
  freePort,
  needs,
  phantomSeries,
  startDcmtkArchive,
  TINY_MODEL_ID,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CuttingProxy, openCuttingProxy } from "../src/cutting-proxy.ts";
import { type DicomwebServer, startDicomwebServer } from "../src/dicomweb-server.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";

const WITHIN_MS = 120_000;
const run = promisify(execFile);

/** dcmtk's movescu asks an archive to send a study to AXIAL; someone else asks, and Axial receives. */
const movescu = (at: { port: number; calledTitle: string }, studyUid: string) =>
  run("movescu", [
    ...["-S", "-aet", "AXIAL", "-aec", at.calledTitle, "-aem", "AXIAL"],
    ...["-k", "QueryRetrieveLevel=STUDY", "-k", `StudyInstanceUID=${studyUid}`],
    ...["127.0.0.1", String(at.port)],
  ]);

let axial: DicomwebServer;
beforeAll(async () => {
  axial = await startDicomwebServer();
});
afterAll(() => axial?.stop());

function request(path: string, body?: object, method = "POST"): Promise<Response> {
  return fetch(`${axial.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${axial.key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function addSource(source: object): Promise<void> {
  const answer = await request("/api/v1/sources", source);
  expect(answer.status, await answer.clone().text()).toBe(201);
}

async function pull(body: object): Promise<PullView[]> {
  const answer = await request("/api/v1/studies/pull", body);
  expect(answer.status, await answer.clone().text()).toBe(202);
  return ((await answer.json()) as { pulls: PullView[] }).pulls;
}

async function ended(id: string): Promise<PullView> {
  const found = await eventually(
    "the pull is over",
    async () => {
      const view = (await (
        await request(`/api/v1/pulls/${id}`, undefined, "GET")
      ).json()) as PullView;
      return view.state === "waiting" ? false : view;
    },
    WITHIN_MS,
  );
  return found;
}

/** State, lane and number of instances of a study that is here. */
const studyRow = (uid: string) =>
  axial.db
    .selectFrom("study")
    .select(["lane", "close_reason", "instance_count", "requested_models"])
    .where("study_uid", "=", uid)
    .executeTakeFirst();

describe("pulling from dcmtk's archive", needs("dcmtk"), () => {
  let archive: DcmtkArchive;
  beforeAll(async () => {
    archive = await startDcmtkArchive(axial.dimsePort);
    const at = { kind: "dimse", host: "127.0.0.1", port: archive.port, calledTitle: "ARCHIVE" };
    await addSource({ ...at, name: "by-get", retrieve: "get" });
    await addSource({ ...at, name: "by-move", retrieve: "move" });
    await addSource({ ...at, name: "stranger", retrieve: "move", moveTitle: "ELSEWHERE" });
  });
  afterAll(() => archive?.stop());

  async function archived(seed: number) {
    const made = phantomSeries({ kind: "brain", slices: 3, size: 32, seed });
    const peer = { host: "127.0.0.1", port: archive.port };
    const titles = { calledAeTitle: "ARCHIVE", callingAeTitle: "AXIAL" };
    const outcomes = await sendInstances({ ...peer, ...titles }, made.files);
    expect(outcomes.map(({ status }) => status)).toEqual(made.files.map(() => 0));
    return made;
  }

  test("answers when it is asked", async () => {
    expect((await request("/api/v1/sources/by-get/check")).status).toBe(204);
  });

  test.each(["by-get", "by-move"])(
    "a study %s, with lane and models, and closed",
    async (source) => {
      const { studyUid, files } = await archived(source === "by-get" ? 11 : 12);
      const [made] = await pull({ source, study: studyUid, lane: "stat", models: [TINY_MODEL_ID] });
      expect(await ended(made?.id ?? "")).toMatchObject({
        ...{ state: "done", found: files.length, present: files.length, lastError: null },
      });
      expect(await studyRow(studyUid)).toMatchObject({
        ...{ lane: "stat", close_reason: "explicit", instance_count: files.length },
        requested_models: [TINY_MODEL_ID],
      });
      const [again] = await pull({ source, study: studyUid });
      expect(await ended(again?.id ?? "")).toMatchObject({ state: "done", present: files.length });
      expect((await studyRow(studyUid))?.instance_count).toBe(files.length);
    },
  );

  test("a study that it does not have fails, and says so", async () => {
    const [made] = await pull({ source: "by-get", study: "1.2.3.4" });
    const over = await ended(made?.id ?? "");
    expect(over).toMatchObject({ state: "failed", lastError: "the source has no such study" });
  });

  test("movescu makes it send a study to Axial", async () => {
    const { studyUid, files } = await archived(14);
    await movescu({ port: archive.port, calledTitle: "ARCHIVE" }, studyUid);
    expect(await studyRow(studyUid)).toMatchObject({ instance_count: files.length });
  });

  test("moves nothing to a title that is not this tenant's", async () => {
    const { studyUid } = await archived(13);
    const [made] = await pull({ source: "stranger", study: studyUid });
    const waiting = await eventually("it was tried", async () => {
      const view = (await (
        await request(`/api/v1/pulls/${made?.id}`, undefined, "GET")
      ).json()) as PullView;
      return view.lastError !== null && view;
    });
    expect(waiting.lastError).toContain("no application entity of this tenant");
    expect((await request(`/api/v1/pulls/${made?.id}/cancel`)).status).toBe(200);
  });
});

describe("pulling from Orthanc", needs("orthanc"), () => {
  let orthanc: Orthanc;
  let web: CuttingProxy;
  let dicom: CuttingProxy;

  beforeAll(async () => {
    const ownDimsePort = await freePort();
    const { url, key, dimsePort } = axial;
    orthanc = await startOrthanc({ url, key, dimsePort, ownDimsePort, forwards: false });
    web = await openCuttingProxy(orthanc.port);
    dicom = await openCuttingProxy(ownDimsePort);
    const at = { kind: "dimse", host: "127.0.0.1", port: dicom.port, calledTitle: "ORTHANC" };
    await addSource({ ...at, name: "orthanc" });
    await addSource({ ...at, name: "orthanc-move", retrieve: "move" });
    const root = `http://127.0.0.1:${web.port}/dicom-web`;
    await addSource({ kind: "dicomweb", name: "orthanc-web", url: root });
  });
  afterAll(async () => {
    await orthanc?.stop();
    await web?.close();
    await dicom?.close();
  });

  async function archived(seed: number) {
    const made = phantomSeries({ kind: "brain", slices: 4, size: 64, seed });
    for (const body of made.files) await orthanc.call("/instances", { method: "POST", body });
    return made;
  }

  test.each([
    ["orthanc-web", 21],
    ["orthanc", 22],
    ["orthanc-move", 23],
  ] as const)("a study by %s", async (source, seed) => {
    const { studyUid, files } = await archived(seed);
    const [made] = await pull({ source, study: studyUid });
    const over = await ended(made?.id ?? "");
    expect(over).toMatchObject({ state: "done", present: files.length, attempts: 1 });
    expect(await studyRow(studyUid)).toMatchObject({ instance_count: files.length });
  });

  test("movescu makes it send a study to Axial", needs("dcmtk"), async () => {
    const { studyUid, files } = await archived(24);
    await movescu({ port: dicom.port, calledTitle: "ORTHANC" }, studyUid);
    expect(await studyRow(studyUid)).toMatchObject({ instance_count: files.length });
  });

  test.each([
    ["orthanc-web", 31],
    ["orthanc", 32],
  ] as const)("goes on by %s where the connection broke", async (source, seed) => {
    const { studyUid, files } = await archived(seed);
    const proxy = source === "orthanc-web" ? web : dicom;
    const before = proxy.cuts;
    // Past what is listed first, and before the last of four slices of 8 KB.
    proxy.cut(1, 20_000);
    const [made] = await pull({ source, study: studyUid });
    const over = await ended(made?.id ?? "");
    expect(proxy.cuts).toBe(before + 1);
    expect(over).toMatchObject({ state: "done", present: files.length });
    expect(over.attempts).toBeGreaterThan(1);
    const rows = await axial.db
      .selectFrom("audit")
      .select("detail")
      .where("action", "=", "study.store")
      .execute();
    expect(JSON.stringify(rows)).toContain(made?.id);
    expect((await studyRow(studyUid))?.instance_count).toBe(files.length);
  });

  test("a patient's earlier studies come with one", async () => {
    const { studyUid } = await archived(41);
    const [made] = await pull({ source: "orthanc-web", study: studyUid, priors: 2 });
    await ended(made?.id ?? "");
    const answer = await request("/api/v1/pulls", undefined, "GET");
    const { pulls } = (await answer.json()) as { pulls: PullView[] };
    // Phantoms are all of one patient and day; the newest pulls are listed first.
    const priors = pulls.filter(({ id }) => id > (made?.id ?? ""));
    expect(priors).toHaveLength(2);
    expect(priors.map(({ study }) => study)).not.toContain(studyUid);
    for (const { id } of priors) expect(await ended(id)).toMatchObject({ state: "done" });
    const all = await pull({ source: "orthanc-web", patient: "PHANTOM" });
    expect(all.map(({ study }) => study)).toContain(studyUid);
  });

  test("a backfill over a range of days", async () => {
    const filter = { from: "20251230", to: "20260103", modality: "MR" };
    const from = "orthanc-web";
    const estimate = await request("/api/v1/backfills/estimate", { from, filter });
    const { studies } = (await estimate.json()) as { studies: number };
    expect(studies).toBeGreaterThan(4);
    const body = { name: "years", source: "pulled", from, filter, models: [TINY_MODEL_ID] };
    const made = await request("/api/v1/backfills", body);
    expect(made.status, await made.clone().text()).toBe(201);
    const { id } = (await made.json()) as { id: string };
    // Without a worker its studies stay where they were started.
    const view = await eventually(
      "every study is here and started",
      async () => {
        const answer = await request(`/api/v1/backfills/${id}`, undefined, "GET");
        const found = (await answer.json()) as BackfillView;
        return found.listed && found.items.running === studies && found;
      },
      WITHIN_MS,
    );
    expect(view.items).toMatchObject({ waiting: 0, sent: 0, failed: 0 });
    expect((await request(`/api/v1/backfills/${id}/cancel`)).status).toBe(200);
    const unclear = { ...body, name: "unclear", filter: { modality: "MR" } };
    expect((await request("/api/v1/backfills", unclear)).status).toBe(400);
  });

  test("credentials are not shown, and addresses of the house only where they are allowed", async () => {
    const secret = "Basic c2VjcmV0";
    const at = `http://127.0.0.1:${web.port}/dicom-web`;
    await addSource({ kind: "dicomweb", name: "secret", url: at, authorization: secret });
    const listed = await (await request("/api/v1/sources", undefined, "GET")).text();
    expect(listed).toContain(at);
    expect(listed).not.toContain(secret);
    const inside = { kind: "dimse", name: "inside", host: "10.1.2.3", port: 104, calledTitle: "X" };
    expect((await request("/api/v1/sources", inside)).status).toBe(400);
    const plain = { kind: "dicomweb", name: "plain", url: "http://pacs.example.org/" };
    expect((await request("/api/v1/sources", plain)).status).toBe(400);
  });
});
