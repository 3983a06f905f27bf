import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAddressGuard } from "@axial/kit/network";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dicomwebSource } from "../../src/sources/dicomweb-source.ts";

/** Entries that the archive returns at once, whatever it is asked for. */
const PAGE = 2;
const STUDIES = ["1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5"];

let archive: Server;
let url: string;
beforeAll(async () => {
  archive = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://archive");
    const offset = Number(searchParams.get("offset") ?? 0);
    const tag = pathname.endsWith("/instances") ? "00080018" : "0020000D";
    const found = STUDIES.slice(offset, offset + PAGE).map((uid) => ({
      [tag]: { vr: "UI", Value: [uid] },
      "0020000E": { vr: "UI", Value: ["1.2.9"] },
    }));
    response.setHeader("content-type", "application/dicom+json");
    if (found.length === 0) response.writeHead(204).end();
    else response.end(JSON.stringify(found));
  });
  await new Promise<void>((resolve) => archive.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(archive.address() as AddressInfo).port}`;
});
afterAll(() => void archive.close());

const source = () =>
  dicomwebSource(
    { kind: "dicomweb", url },
    { guard: createAddressGuard(["127.0.0.1/32"]), signal: AbortSignal.timeout(10_000) },
  );

test("a day of more studies than an archive returns at once is read to its end", async () => {
  const found = await source().search({ from: "20260101", to: "20260101" });
  expect(found.map(({ studyUid }) => studyUid)).toEqual(STUDIES);
});

test("so is a study of more instances", async () => {
  const found = await source().list("1.2.1");
  expect(found.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(STUDIES);
});
