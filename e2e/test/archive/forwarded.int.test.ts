import { once } from "node:events";
import http from "node:http";
import { newUid } from "@axial/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../../src/dicomweb-server.ts";
import { stow } from "../../src/stow.ts";
import { cells, get, image, partsOf, study } from "./archive.ts";

const MANY = 64;
const PIXELS = 512 * 512;

describe("a gateway with the archive elsewhere", () => {
  let gateway: DicomwebServer;
  const files = Array.from({ length: MANY }, (_, index) =>
    image(newUid(), {
      elements: { Rows: 512, Columns: 512, PixelData: new Uint16Array(PIXELS).fill(index) },
    }),
  );

  beforeAll(async () => {
    gateway = await startDicomwebServer({ apart: true });
    expect((await stow(gateway, files)).status).toBe(200);
  });
  afterAll(() => gateway?.stop());

  it("streams a study of 32 MB through, byte for byte", async () => {
    const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
    const parts = partsOf(await get(gateway, `/studies/${study}`, { accept }));
    const got = parts.map(({ bytes }) => bytes.toString("base64")).toSorted();
    expect(got).toEqual(files.map((file) => file.toString("base64")).toSorted());
  });

  it("passes the query on, and links name the host that was asked", async () => {
    const found = await get(gateway, `/studies?StudyInstanceUID=${study}&includefield=00081190`);
    expect(found.status).toBe(200);
    const [result] = JSON.parse(found.bytes.toString()) as Record<string, { Value: string[] }>[];
    expect(result?.["00081190"]?.Value).toEqual([`${gateway.url}/dicom-web/studies/${study}`]);
    const none = await get(gateway, `/studies?StudyInstanceUID=${newUid()}`);
    expect([none.status, none.bytes.toString()]).toEqual([200, "[]"]);
  });

  it("answers HEAD and a lane's mount", async () => {
    const headers = { authorization: `Bearer ${gateway.key}` };
    const url = `${gateway.url}/lanes/stat/dicom-web/studies`;
    expect((await fetch(url, { headers })).status).toBe(200);
    const head = await fetch(url, { method: "HEAD", headers });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("leaves out a body that came with a GET", async () => {
    const headers = { authorization: `Bearer ${gateway.key}`, "content-length": 2 };
    const request = http.request(`${gateway.url}/dicom-web/studies`, { headers });
    request.end("{}");
    const [answer] = (await once(request, "response")) as [http.IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
  });

  it("answers what the archive refuses as the archive does", async () => {
    const unknown = await get(gateway, `/studies/${newUid()}`);
    expect([unknown.status, JSON.parse(unknown.bytes.toString()).code]).toEqual([404, "not-found"]);
    const keyless = await fetch(`${gateway.url}/dicom-web/studies`);
    expect(keyless.status).toBe(401);
    const odd = await get(gateway, `/studies/${study}`, { accept: "text/html" });
    expect(odd.status).toBe(406);
  });

  it("is unavailable for reads alone while the archive is away", async () => {
    await gateway.stopArchive();
    const away = await get(gateway, "/studies");
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(JSON.parse(away.bytes.toString()).code).toBe("unavailable");
    const stored = await stow(gateway, [image(newUid(), { elements: { PixelData: cells(1) } })]);
    expect(stored.status).toBe(200);
  });
});
