import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { newUid } from "@axial/contracts";
import { eventually, freePort, needs, startPostgres, writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MULTIPART, multipart } from "./stow.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const KEY = "test-key-of-the-process-test";
const MEBIBYTE = 1 << 20;
const STARTS_WITHIN_MS = 50_000;
/** What the uploads below may add to the resident set: buffers, chunks and what V8 has not freed. */
const ALLOWED_GROWTH = 120 * MEBIBYTE;

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let folder: string;
let child: ChildProcess;
let port: number;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), "axial-process-"));
  port = await freePort();
  const databaseUrl = await postgres.createDatabase({ empty: true });
  child = await startProcess(port, {
    AXIAL_DATABASE_URL: databaseUrl,
    AXIAL_QUEUE_URL: databaseUrl,
  });
});
afterAll(async () => {
  child.kill("SIGKILL");
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A gateway with an environment of its own; resolves when it is ready. */
async function startProcess(at: number, environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const started = spawn(process.execPath, [MAIN], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...environment,
      AXIAL_BLOB_URL: pathToFileURL(folder).href,
      AXIAL_ADMIN_KEY: KEY,
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(at),
      AXIAL_LOG_LEVEL: "fatal",
    },
  });
  await eventually(
    "the gateway is ready",
    async () => {
      const answer = await fetch(`http://127.0.0.1:${at}/readyz`).catch(() => null);
      return answer?.ok;
    },
    STARTS_WITHIN_MS,
  );
  return started;
}

async function resident(): Promise<number> {
  const statm = await readFile(`/proc/${child.pid}/statm`, "utf8");
  return Number(statm.split(" ")[1]) * 4_096;
}

/** The same while the process may end any moment. */
const residentOrZero = () => resident().catch(() => 0);

/** Sends a chunked body. Returns the status and the peak resident set. */
async function upload(body: Iterable<Buffer>): Promise<{ status: number; peak: number }> {
  const call = request({
    port,
    host: "127.0.0.1",
    path: "/dicom-web/studies",
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": MULTIPART },
  });
  let peak = 0;
  const timer = setInterval(() => {
    void residentOrZero().then((bytes) => {
      peak = Math.max(peak, bytes);
    });
  }, 50);
  try {
    Readable.from(body).pipe(call);
    const [response] = await once(call, "response");
    response.resume();
    await once(response, "end");
    return { status: response.statusCode, peak: Math.max(peak, await residentOrZero()) };
  } finally {
    clearInterval(timer);
  }
}

function instance(pixelBytes: number): Buffer {
  const columns = 1_024;
  return writePart10({
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      StudyInstanceUID: newUid(),
      Modality: "MR",
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      Rows: pixelBytes / columns / 2,
      Columns: columns,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: new Uint8Array(pixelBytes),
    },
  });
}

/** A body of many instances; each is made when it is sent. */
function* many(count: number, pixelBytes: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    const whole = multipart([instance(pixelBytes)]);
    yield whole.subarray(0, whole.length - "--axial-test--\r\n".length);
  }
  yield Buffer.from("--axial-test--\r\n");
}

/** One instance of 128 MiB, in pieces. */
function* large(): Generator<Buffer> {
  const whole = multipart([instance(128 * MEBIBYTE - 2_048)]);
  for (let at = 0; at < whole.length; at += MEBIBYTE) yield whole.subarray(at, at + MEBIBYTE);
}

describe("memory stays flat", needs("linux"), () => {
  test("over 256 MiB of small instances", async () => {
    expect((await upload(many(64, 256 * 1_024))).status).toBe(200);
    const before = await resident();
    const { status, peak } = await upload(many(1_024, 256 * 1_024));
    expect(status).toBe(200);
    expect(peak - before).toBeLessThan(ALLOWED_GROWTH);
  });

  test("over one instance of 128 MiB", async () => {
    const before = await resident();
    const { status, peak } = await upload(large());
    expect(status).toBe(200);
    expect(peak - before).toBeLessThan(ALLOWED_GROWTH);
  });
});

test("without a queue it is ready, says what it lacks, and goes on accepting", async () => {
  const at = await freePort();
  const alone = await startProcess(at, {
    AXIAL_DATABASE_URL: await postgres.createDatabase({ empty: true }),
    AXIAL_QUEUE_URL: `redis://127.0.0.1:${await freePort()}`,
  });
  try {
    const ready = await fetch(`http://127.0.0.1:${at}/readyz`);
    expect(ready.status).toBe(200);
    const body = (await ready.json()) as { status: string; degraded: { name: string }[] };
    expect([body.status, body.degraded.map(({ name }) => name)]).toEqual(["degraded", ["queue"]]);
    const metrics = await (await fetch(`http://127.0.0.1:${at}/metrics`)).text();
    expect(metrics).toMatch(/axial_dependency_up\{dependency="queue",service="gateway"\} 0/);
    const headers = { authorization: `Bearer ${KEY}`, "content-type": MULTIPART };
    const sent = { method: "POST", headers, body: new Uint8Array(multipart([instance(4_096)])) };
    expect((await fetch(`http://127.0.0.1:${at}/dicom-web/studies`, sent)).status).toBe(200);
  } finally {
    alone.kill("SIGKILL");
  }
});

test("SIGTERM during an upload: what was answered is there, and the process ends with 0", async () => {
  const sending = upload(many(64, 256 * 1_024)).catch(() => ({ status: 0 }));
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await ended;
  expect(code).toBe(0);
  expect([0, 200, 202]).toContain((await sending).status);
});
