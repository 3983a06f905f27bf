import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { newUid } from "@axial/contracts";
import { sendInstances } from "@axial/dimse";
import {
  eventually,
  needs,
  phantomSeries,
  queueBackends,
  startTraceCollector,
  TINY_MODEL_ID,
  type TraceCollector,
  writePart10,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../src/chaos/audit/query.ts";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";
import { MARK, markedElements, NESTED } from "./support/marked-elements.ts";

const backend = queueBackends().find(({ name }) => name === "redis");

/** Invariant 4: no patient data outside of the blob store and PostgreSQL. */
describe("text of patients, in every element", needs("redis"), () => {
  let system: System;
  let queue: Socket;
  let receiver: Server;
  let traces: TraceCollector;
  /** All that went to and from the queue, to the webhook, and what was answered to failures. */
  const seen = { queue: "", webhook: "", answers: "" };

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no Redis");
    traces = await startTraceCollector();
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
    const extra = Object.fromEntries(SERVICES.map((service) => [service, environment]));
    system = await startSystem(backend, undefined, { extra });
    queue = await overhear(system.queueUrl);
    queue.on("data", (chunk: Buffer) => {
      seen.queue += chunk.toString("latin1");
    });
    receiver = createServer((request, response) => {
      seen.webhook += JSON.stringify(request.headers);
      request.on("data", (chunk: Buffer) => {
        seen.webhook += chunk.toString();
      });
      request.on("end", () => response.end());
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
  }, 180_000);
  afterAll(async () => {
    queue?.destroy();
    receiver?.close();
    await system?.stop();
    await traces?.close();
  });

  async function ask(service: "gateway" | "results", path: string, init: RequestInit = {}) {
    const answer = await system.fetch(service, path, init);
    const text = await answer.text();
    if (answer.status >= 400) seen.answers += text;
    return { status: answer.status, text };
  }

  const stow = (body: Uint8Array<ArrayBuffer>, contentType: string) =>
    ask("gateway", "/dicom-web/studies", {
      method: "POST",
      headers: { "content-type": contentType, "axial-close": "true" },
      body,
    });

  const storeAll = (files: readonly Uint8Array[]) => {
    const { contentType, body } = multipartRelated(files);
    return stow(body, contentType);
  };

  const json = (service: "gateway" | "results", path: string, body: unknown) =>
    ask(service, path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("is classified, and stored where it belongs", { timeout: 120_000 }, async () => {
    const address = receiver.address();
    const port = typeof address === "object" ? address?.port : 0;
    const webhook = { kind: "webhook", name: "his", url: `http://127.0.0.1:${port}/` };
    const made = await json("results", "/api/v1/destinations", {
      ...{ ...webhook, syntheticModels: [TINY_MODEL_ID] },
    });
    expect(made.status).toBe(201);
    const study = marked();
    expect((await storeAll(study.files)).status).toBe(200);
    await system.study(study.studyUid, "complete");
    await eventually("the webhook is told", () => seen.webhook.includes(study.studyUid));
    const [row] = await query<{ tags: string }>(
      system.databaseUrl,
      "SELECT tags::text AS tags FROM study WHERE study_uid = $1",
      [study.studyUid],
    );
    expect(row?.tags).toContain(MARK);
  });

  it("comes by C-STORE as well", async () => {
    const peer = { host: "127.0.0.1", port: system.dimsePort, calledAeTitle: "AXIAL" };
    const [file = Buffer.alloc(0)] = marked().files;
    const outcomes = await sendInstances({ ...peer, callingAeTitle: "MODALITY" }, [
      ...[file, file.subarray(0, 4_000)],
    ]);
    expect(outcomes.map(({ status }) => status === 0)).toEqual([true, false]);
  });

  it("is in nothing that is refused", { timeout: 60_000 }, async () => {
    const [file = Buffer.alloc(0)] = marked().files;
    for (const one of [file.subarray(0, -1_000), Buffer.from(`${MARK} is no file`)]) {
      expect((await storeAll([one])).status).toBeGreaterThanOrEqual(400);
    }
    const middle = Math.floor(file.length / 2);
    for (const one of [file.subarray(0, middle), Buffer.concat([file.subarray(0, 900), file])]) {
      await storeAll([one]);
    }
    const type = `multipart/related; type="application/dicom"; boundary=${MARK}`;
    await stow(Buffer.from(`--${MARK}\r\n${MARK}: ${MARK}\r\n${MARK}`), type);
    await stow(new Uint8Array(file), `text/${MARK}`);
    const paths = [
      `/api/v1/studies/${MARK}`,
      `/api/v1/studies?patientName=${MARK}*&limit=${MARK}`,
      `/api/v1/results?label=${MARK}&since=${MARK}`,
      `/${MARK}`,
    ];
    for (const path of paths) await ask("results", path);
    await ask("gateway", `/api/v1/images?model=${TINY_MODEL_ID}`, {
      method: "POST",
      body: Buffer.from(`${MARK} is no image`),
    });
    for (const body of [`{"${MARK}": ${MARK}`, { name: { [MARK]: MARK } }, [MARK]]) {
      await json("gateway", "/api/v1/keys", body);
      await json("gateway", "/api/v1/backfills", body);
      await json("results", "/api/v1/feedback", body);
    }
  });

  it("is in nothing that fails in the engine", { timeout: 120_000 }, async () => {
    const study = marked({ broken: true });
    expect((await storeAll(study.files)).status).toBe(200);
    await eventually(
      "the study has ended",
      async () => {
        const { text } = await ask("results", `/api/v1/studies/${study.studyUid}`);
        return /"state":"(complete|failed|complete-with-failures)"/.test(text);
      },
      60_000,
    );
  });

  it("is found nowhere else", async () => {
    const metrics = await Promise.all(
      SERVICES.map(async (service) => (await fetch(`${system.url[service]}/metrics`)).text()),
    );
    const places = {
      ...{ ...seen, metrics: metrics.join(""), logs: system.logs() },
      traces: traces.bytes.toString("latin1"),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(100);
      expect(linesWith(text), place).toEqual([]);
    }
  });
});

/** Lines with a marker; PDUs and dumps are one line each. */
function linesWith(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.includes(MARK));
  return lines.slice(0, 5).map((line) => line.slice(0, 1_000));
}

/** A series that is classified; `broken` in its pixels. */
function marked({ broken = false } = {}) {
  const seed = Math.floor(Math.random() * 1e6);
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 3, size: 64, seed });
  const seriesUid = newUid();
  return {
    studyUid,
    files: files.map((_file, index) =>
      writePart10({
        ...(broken ? { transferSyntax: "1.2.840.10008.1.2.4.50" } : {}),
        elements: {
          ...markedElements(),
          ...NESTED,
          ...pixelsOf(index, broken),
          SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
          SOPInstanceUID: newUid(),
          StudyInstanceUID: studyUid,
          SeriesInstanceUID: seriesUid,
        },
      }),
    ),
  };
}

function pixelsOf(index: number, broken: boolean) {
  const size = 64;
  const pixels = new Uint16Array(size * size).map((_, at) => (at * 37 + index) % 4096);
  return {
    Modality: "MR",
    BodyPartExamined: "BRAIN",
    SeriesDescription: "T1 axial",
    ImageType: ["ORIGINAL", "PRIMARY", "M", "ND"],
    InstanceNumber: index + 1,
    ImageOrientationPatient: ["1", "0", "0", "0", "1", "0"],
    ImagePositionPatient: ["0", "0", String(5 * index)],
    PixelSpacing: ["1", "1"],
    SliceThickness: "5",
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    ...{ Rows: size, Columns: size, BitsAllocated: broken ? 8 : 16, BitsStored: broken ? 8 : 12 },
    ...{ HighBit: broken ? 7 : 11, PixelRepresentation: 0 },
    PixelData: broken ? { fragments: [Buffer.from(`${MARK} is no JPEG.`)] } : pixels,
  };
}

/** Everything that a Redis is told, by MONITOR. */
async function overhear(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port || 6379), hostname);
  await once(socket, "connect");
  socket.write("MONITOR\r\n");
  return socket;
}
