import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newUid } from "@axial/contracts";
import { needs, phantomSeries, writePart10 } from "@axial/testkit";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../src/dicomweb-server.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { type RecordingProxy, startRecordingProxy } from "../src/recording-proxy.ts";

const require = createRequire(import.meta.url);
const DCMDUMP = "/usr/bin/dcmdump";
const DCMJ2PNM = "/usr/bin/dcmj2pnm";

let gateway: DicomwebServer;
let proxy: RecordingProxy;
beforeAll(async () => {
  gateway = await startDicomwebServer();
  proxy = await startRecordingProxy(gateway.url);
});
afterAll(async () => {
  await proxy?.close();
  await gateway?.stop();
});

type Json = Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>;

/** What the client that was just tried has said, and what it was answered. */
function conversation() {
  return proxy.recorded.map(({ method, path, status }) => ({
    method,
    path: path.split("?")[0]?.replaceAll(/\d+(\.\d+)+/g, "UID"),
    status,
  }));
}

describe("Orthanc as a peer", needs("orthanc"), () => {
  const { studyUid, files } = phantomSeries({ kind: "brain", seed: 5, slices: 6, size: 64 });
  let orthanc: Orthanc;
  beforeAll(async () => {
    orthanc = await startOrthanc({ url: proxy.url, key: gateway.key });
  });
  afterAll(() => orthanc?.stop());

  test("pushes a study by STOW-RS", async () => {
    for (const file of files) {
      await orthanc.call("/instances", { method: "POST", body: new Uint8Array(file) });
    }
    const [study] = await orthanc.call<string[]>("/studies");
    const job = { Resources: [study], Synchronous: true };
    const from = proxy.recorded.length;
    await orthanc.call("/dicom-web/servers/axial/stow", {
      method: "POST",
      body: JSON.stringify(job),
    });
    const posts = proxy.recorded.slice(from);
    expect(posts.map(({ method, status }) => [method, status])).toEqual(
      posts.map(() => ["POST", 200]),
    );
    expect(posts[0]?.headers["content-type"]).toMatch(
      /^multipart\/related; type="?application\/dicom/,
    );
  });

  test("finds it by QIDO-RS, and its series and instances", async () => {
    const ask = (Uri: string, Arguments: Record<string, string> = {}) =>
      orthanc.call<Record<string, unknown>[]>("/dicom-web/servers/axial/qido", {
        method: "POST",
        body: JSON.stringify({ Uri, Arguments }),
      });
    const studies = await ask("/studies", { "0020000D": studyUid });
    expect(studies).toHaveLength(1);
    expect(JSON.stringify(studies)).toContain(studyUid);
    expect(await ask(`/studies/${studyUid}/series`)).toHaveLength(1);
    expect(await ask(`/studies/${studyUid}/instances`)).toHaveLength(files.length);
    expect(await ask("/studies", { PatientID: "nobody" })).toEqual([]);
  });

  test("takes it back by WADO-RS, bit for bit", async () => {
    const [study] = await orthanc.call<string[]>("/studies");
    await orthanc.call(`/studies/${study}`, { method: "DELETE" });
    expect(await orthanc.call("/instances")).toEqual([]);
    await orthanc.call("/dicom-web/servers/axial/retrieve", {
      method: "POST",
      body: JSON.stringify({ Resources: [{ Study: studyUid }], Synchronous: true }),
    });
    const instances = await orthanc.call<string[]>("/instances");
    expect(instances).toHaveLength(files.length);
    for (const id of instances) {
      const file = await orthanc.file(`/instances/${id}/file`);
      expect(files.some((sent) => sent.equals(file))).toBe(true);
    }
  });
});

interface DicomwebClient {
  storeInstances(options: { datasets: ArrayBuffer[] }): Promise<unknown>;
  searchForStudies(options: { queryParams: object }): Promise<Json[]>;
  searchForSeries(options: { studyInstanceUID: string }): Promise<Json[]>;
  searchForInstances(options: object): Promise<Json[]>;
  retrieveStudy(options: { studyInstanceUID: string }): Promise<ArrayBuffer[]>;
  retrieveSeriesMetadata(options: object): Promise<Json[]>;
  retrieveInstance(options: object): Promise<ArrayBuffer>;
  retrieveInstanceFrames(options: object): Promise<ArrayBuffer[]>;
  retrieveInstanceRendered(options: object): Promise<ArrayBuffer[]>;
  retrieveBulkData(options: object): Promise<ArrayBuffer[]>;
}

/** The client is made for browsers: XMLHttpRequest is what Node lacks. */
function newClient(): DicomwebClient {
  Object.assign(globalThis, { XMLHttpRequest: require("xhr2") });
  const { api } = require("dicomweb-client");
  const headers = { Authorization: `Bearer ${gateway.key}` };
  return new api.DICOMwebClient({ url: `${proxy.url}/dicom-web`, headers, verbose: false });
}

const bufferOf = (file: Buffer): ArrayBuffer => new Uint8Array(file).buffer;

describe("dicomweb-client", () => {
  const { studyUid, seriesUid, files } = phantomSeries({
    kind: "knee",
    seed: 6,
    slices: 3,
    size: 32,
  });
  const study = { studyInstanceUID: studyUid };
  const series = { ...study, seriesInstanceUID: seriesUid };
  let client: DicomwebClient;
  let instance: { sopInstanceUID: string };
  beforeAll(() => {
    client = newClient();
  });

  test("stores", async () => {
    const from = proxy.recorded.length;
    await client.storeInstances({ datasets: files.map(bufferOf) });
    expect(proxy.recorded[from]).toMatchObject({ method: "POST", status: 200 });
  });

  test("searches", async () => {
    const queryParams = { StudyInstanceUID: studyUid, includefield: "all" };
    const [found] = await client.searchForStudies({ queryParams });
    expect(found?.["0020000D"]?.Value).toEqual([studyUid]);
    expect(await client.searchForSeries(study)).toHaveLength(1);
    const instances = await client.searchForInstances({ ...study });
    expect(instances).toHaveLength(3);
    instance = { sopInstanceUID: String(instances[0]?.["00080018"]?.Value?.[0]) };
  });

  test("retrieves the study, an instance, metadata and frames", async () => {
    const all = await client.retrieveStudy(study);
    expect(all).toHaveLength(3);
    for (const file of all) {
      expect(files.some((sent) => sent.equals(Buffer.from(file)))).toBe(true);
    }
    const one = Buffer.from(await client.retrieveInstance({ ...series, ...instance }));
    expect(files.some((sent) => sent.equals(one))).toBe(true);
    const metadata = await client.retrieveSeriesMetadata(series);
    expect(metadata).toHaveLength(3);
    const [frame] = await client.retrieveInstanceFrames({
      ...series,
      ...instance,
      frameNumbers: [1],
    });
    expect(frame?.byteLength).toBe(32 * 32 * 2);
    expect(one.includes(Buffer.from(frame ?? new ArrayBuffer(0)))).toBe(true);
  });

  test("retrieves bulk data by its address, and a picture", async () => {
    const metadata = await client.retrieveSeriesMetadata(series);
    const pixels = metadata[0]?.["7FE00010"] as unknown as { BulkDataURI: string };
    const [bytes] = await client.retrieveBulkData({ BulkDataURI: pixels.BulkDataURI });
    expect(bytes?.byteLength).toBe(32 * 32 * 2);
    const mediaTypes = [{ mediaType: "image/png" }];
    const [picture] = await client.retrieveInstanceRendered({ ...series, ...instance, mediaTypes });
    expect(await sharp(Buffer.from(picture ?? new ArrayBuffer(0))).metadata()).toMatchObject({
      format: "png",
      width: 32,
    });
  });

  test("was never refused", () => {
    const refused = conversation().filter(({ status }) => status >= 400);
    expect(refused).toEqual([]);
  });
});

describe("dcmtk as a reader", needs("dcmtk"), () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-dcmtk-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("reads what was decoded for it, with the same picture", async () => {
    const uid = newUid();
    const studyUid = newUid();
    const seriesUid = newUid();
    const photograph = await sharp({
      create: { width: 48, height: 32, channels: 3, background: { r: 10, g: 180, b: 90 } },
    })
      .jpeg({ quality: 95 })
      .toBuffer();
    const file = writePart10({
      transferSyntax: "1.2.840.10008.1.2.4.50",
      elements: {
        SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
        SOPInstanceUID: uid,
        StudyInstanceUID: studyUid,
        SeriesInstanceUID: seriesUid,
        Modality: "OT",
        Rows: 32,
        Columns: 48,
        SamplesPerPixel: 3,
        PhotometricInterpretation: "YBR_FULL_422",
        PlanarConfiguration: 0,
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        PixelRepresentation: 0,
        PixelData: { fragments: [photograph] },
      },
    });
    const at = `${gateway.url}/dicom-web/studies`;
    const authorization = `Bearer ${gateway.key}`;
    const stored = await fetch(at, {
      method: "POST",
      headers: { authorization, "content-type": "application/dicom" },
      body: new Uint8Array(file),
    });
    expect(stored.status).toBe(200);
    const instance = `${at}/${studyUid}/series/${seriesUid}/instances/${uid}`;
    const read = async (url: string, accept: string) =>
      Buffer.from(await (await fetch(url, { headers: { authorization, accept } })).arrayBuffer());
    const explicit = "application/dicom; transfer-syntax=1.2.840.10008.1.2.1";
    const [decoded, picture] = [join(folder, "decoded.dcm"), join(folder, "picture.ppm")];
    await writeFile(decoded, await read(instance, explicit));
    const dump = execFileSync(DCMDUMP, [decoded], { encoding: "utf8" });
    expect(dump).toContain("LittleEndianExplicit");
    expect(dump).toMatch(/\(0028,0004\) CS \[RGB\]/);
    execFileSync(DCMJ2PNM, ["--write-raw-pnm", decoded, picture]);
    const theirs = await readPnm(picture);
    const ours = await sharp(await read(`${instance}/rendered`, "image/png"))
      .raw()
      .toBuffer();
    expect(theirs.equals(ours)).toBe(true);
  });
});

/** Samples of a binary PPM: three header lines, then the pixels. */
async function readPnm(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  let at = 0;
  for (let line = 0; line < 3; line += 1) at = bytes.indexOf(0x0a, at) + 1;
  return bytes.subarray(at);
}
