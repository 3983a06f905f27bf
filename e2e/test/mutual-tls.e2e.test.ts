import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Certificates,
  eventually,
  freePort,
  phantomSeries,
  queueBackends,
  startPostgres,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestProcess } from "../src/processes.ts";

const KEY = "axial_test_key_0123456789abcdef0123456789";
const READY_WITHIN_MS = 170_000;
const [backend] = queueBackends();

interface Asking {
  readonly url: string;
  /** Name of the certificate that is shown; none without it. */
  readonly as?: string;
  readonly body?: Buffer;
}

/**
 * The requests that services send each other are the gateway's to the archive; everything else
 * between them goes through PostgreSQL, the queue and the blob store.
 */
describe("gateway and archive with mutual TLS", () => {
  const stopping: (() => Promise<unknown>)[] = [];
  let certificates: Certificates;
  let databaseUrl: string;
  let queueUrl: string;
  let folder: string;
  let gateway: string;
  let archive: string;

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue");
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-mtls-"));
    certificates = new Certificates(folder);
    for (const name of ["house", "elsewhere"]) certificates.authority(name);
    for (const name of ["gateway", "archive", "edge"]) certificates.issue(name, "house");
    certificates.issue("impostor", "elsewhere");
    const [postgres, queue] = await Promise.all([startPostgres(), backend.start()]);
    stopping.push(
      () => postgres.stop(),
      () => queue.stop(),
    );
    databaseUrl = await postgres.createDatabase();
    queueUrl = queue.url;
    await mkdir(join(folder, "blobs"));
    archive = await serve("archive", "archive");
    gateway = await serve("gateway", "gateway", { AXIAL_ARCHIVE_URL: archive });
  }, 2 * READY_WITHIN_MS);
  afterAll(async () => {
    for (const stop of stopping.toReversed()) await stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a service under the certificate of that name; resolves with its address. */
  async function serve(
    service: "gateway" | "archive",
    name: string,
    more: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const port = await freePort();
    const process = new TestProcess(service, {
      script: fileURLToPath(import.meta.resolve(`@axial/${service}/main`)),
      environment: {
        ...{ AXIAL_DATABASE_URL: databaseUrl, AXIAL_QUEUE_URL: queueUrl },
        ...{ AXIAL_BLOB_URL: `file://${folder}/blobs`, AXIAL_ADMIN_KEY: KEY },
        ...{ AXIAL_HOST: "127.0.0.1", AXIAL_PORT: String(port) },
        AXIAL_TLS_CERT: certificates.pem(name),
        AXIAL_TLS_KEY: certificates.key(name),
        AXIAL_TLS_CA: certificates.pem(name === "impostor" ? "elsewhere" : "house"),
        ...more,
      },
    });
    stopping.push(() => process.end("SIGKILL"));
    const url = `https://127.0.0.1:${port}`;
    await eventually(
      `${service} is ready`,
      async () => (await ask({ url: `${url}/readyz` }).catch(() => null))?.status === 200,
      READY_WITHIN_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${process.output.slice(-4_000)}`);
    });
    return url;
  }

  function ask({ url, as, body }: Asking): Promise<{ status: number; text: string }> {
    const ca = ["house", "elsewhere"].map((name) => readFileSync(certificates.pem(name)));
    const shown =
      as === undefined
        ? {}
        : { cert: readFileSync(certificates.pem(as)), key: readFileSync(certificates.key(as)) };
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/dicom" };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const asked = request(url, { ...shown, method, ca, agent: false, headers });
      asked.once("error", reject);
      asked.once("response", async (answer) => {
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        resolve({ status: answer.statusCode ?? 0, text });
      });
      asked.end(body);
    });
  }

  it("reads go through the gateway to the archive; no certificate, or a stranger's, opens either", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 1, size: 16 });
    const studies = `${gateway}/dicom-web/studies`;
    const stored = await ask({ url: studies, as: "edge", body: Buffer.from(files[0] ?? "") });
    expect(stored.status).toBe(200);
    const found = await ask({ url: `${studies}?StudyInstanceUID=${studyUid}`, as: "edge" });
    expect([found.status, found.text.includes(studyUid)]).toEqual([200, true]);
    for (const base of [gateway, archive]) {
      const url = `${base}/dicom-web/studies`;
      expect((await ask({ url })).status).toBe(401);
      expect((await ask({ url, as: "impostor" })).status).toBe(401);
    }
  });

  it("the gateway does not hand its caller's key to an impostor of the archive", async () => {
    const impostor = await serve("archive", "impostor");
    const misled = await serve("gateway", "gateway", { AXIAL_ARCHIVE_URL: impostor });
    const answer = await ask({ url: `${misled}/dicom-web/studies`, as: "edge" });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("the archive does not answer");
  });
});
