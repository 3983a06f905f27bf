import { readFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { needs, phantomSeries, queueBackends, startS3 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { childrenOf } from "../src/child-processes.ts";
import { multipartRelated } from "../src/stow.ts";
import { type System, startSystem } from "../src/system.ts";

const WRITER = { id: "AXIALWRITER", secret: "secret-of-the-writer" };
const READER = { id: "AXIALREADER", secret: "secret-of-the-reader" };
const READS = ["GET", "HEAD"];

interface Asked {
  readonly by: string;
  readonly method: string;
}

/** A store in front of the store, in which one credential may only read. */
async function startGuard(endpoint: string, asked: Asked[]): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const by = /Credential=(\w+)\//.exec(headers.authorization ?? "")?.[1] ?? "anonymous";
    asked.push({ by, method });
    const allowed = by === WRITER.id || (by === READER.id && READS.includes(method));
    if (!allowed) return void outgoing.writeHead(403).end();
    const onwards = httpRequest(new URL(url, endpoint), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const [backend] = queueBackends();

/** On a server that knows other credentials than its own: moto asks for no signature. */
describe("an engine with S3", needs("moto"), () => {
  let store: Awaited<ReturnType<typeof startS3>>;
  let guard: Server;
  let system: System;
  const asked: Asked[] = [];

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue");
    store = await startS3();
    const given = new URL(store.url());
    guard = await startGuard(given.searchParams.get("endpoint") ?? "", asked);
    const { port } = guard.address() as AddressInfo;
    given.searchParams.set("endpoint", `http://127.0.0.1:${port}`);
    const writer = {
      AXIAL_BLOB_URL: given.href,
      AWS_ACCESS_KEY_ID: WRITER.id,
      AWS_SECRET_ACCESS_KEY: WRITER.secret,
    };
    const reader = {
      AXIAL_BLOB_READ_ACCESS_KEY_ID: READER.id,
      AXIAL_BLOB_READ_SECRET_ACCESS_KEY: READER.secret,
    };
    const worker = { ...writer, ...reader };
    const extra = { gateway: writer, results: writer, worker };
    system = await startSystem(backend, undefined, { extra });
  });
  afterAll(async () => {
    await system?.stop();
    guard?.close();
    await store?.stop();
  });

  it("works with a credential that only reads, and has no other", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 3, size: 64 });
    const { contentType, body } = multipartRelated(files);
    const answer = await system.fetch("gateway", "/dicom-web/studies", {
      method: "POST",
      headers: { "content-type": contentType, "axial-close": "true" },
      body,
    });
    expect(answer.status).toBe(200);
    expect((await system.study(studyUid, "complete")).predictions).not.toEqual([]);
    const byEngine = asked.filter(({ by }) => by === READER.id);
    expect(byEngine.length).toBeGreaterThan(0);
    expect(byEngine.filter(({ method }) => !READS.includes(method))).toEqual([]);
    expect(asked.some(({ by, method }) => by === WRITER.id && method === "PUT")).toBe(true);
    const [engine = 0] = childrenOf(system.process("worker").pid);
    const environment = readFileSync(`/proc/${engine}/environ`, "latin1");
    expect(environment).toContain(READER.secret);
    expect(environment).not.toContain(WRITER.secret);
    expect(system.logs()).not.toContain("engines get the S3 credential that writes");
  });
});
