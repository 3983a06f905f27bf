import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sendInstances } from "@axial/dimse";
import {
  eventually,
  needs,
  phantomSeries,
  queueBackends,
  type ReceivedSpan,
  startTraceCollector,
  TINY_MODEL_ID,
  type TraceCollector,
} from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { multipartRelated } from "../src/stow.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

const [backend] = queueBackends();
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const TEST_WITHIN_MS = 180_000;
const PYTHON = process.env.AXIAL_TEST_PYTHON ?? "python3";
const PROTO = "opentelemetry.proto.collector.trace.v1.trace_service_pb2";
/** Each line of its input is a request. */
const READ_REQUESTS = `
import base64, sys
from ${PROTO} import ExportTraceServiceRequest
for line in sys.stdin:
    body = base64.b64decode(line)
    request = ExportTraceServiceRequest.FromString(body)
    assert request.resource_spans
    for resource in request.resource_spans:
        assert resource.resource.attributes
        for scope in resource.scope_spans:
            for span in scope.spans:
                assert len(span.trace_id) == 16 and span.end_time_unix_nano >= span.start_time_unix_nano
                print(span.span_id.hex(), span.name)
`;

/** What comes after the door, each span the child of one before it. */
const WAY = [
  ["plan", "gateway"],
  ["dispatch", "gateway"],
  ["queue", "worker"],
  ["attempt", "worker"],
  ["decode", "worker"],
  ["batch wait", "worker"],
  ["infer", "worker"],
  ["record", "results"],
  ["deliver", "results"],
] as const;

describe("the trace of a study", () => {
  let received: TraceCollector;
  let system: System;
  let receiver: Server;

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue");
    received = await startTraceCollector();
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: received.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
    const extra = Object.fromEntries(SERVICES.map((service) => [service, environment]));
    system = await startSystem(backend, undefined, { extra });
    receiver = createServer((request, response) => {
      request.resume().once("end", () => response.end());
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const made = await system.fetch("results", "/api/v1/destinations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ kind: "webhook", name: "his", url, syntheticModels: [TINY_MODEL_ID] },
      }),
    });
    expect(made.status).toBe(201);
  }, TEST_WITHIN_MS);
  afterAll(async () => {
    await system?.stop();
    receiver?.close();
    await received?.close();
  });

  const spansOf = (traceId: string) => received.spans.filter((span) => span.traceId === traceId);

  /** The spans of a trace once a delivery is among them. */
  const wholeTrace = (traceId: string) =>
    eventually(
      "the trace is whole",
      () => {
        const spans = spansOf(traceId);
        const names = new Set(spans.map(({ name }) => name));
        return WAY.every(([name]) => names.has(name)) && spans;
      },
      TEST_WITHIN_MS,
    );

  function expectWay(spans: readonly ReceivedSpan[], door: ReceivedSpan | undefined): void {
    const known = new Map(spans.map((span) => [span.spanId, span]));
    for (const [name, service] of WAY) {
      const span = spans.find((one) => one.name === name);
      expect({ name, service: span?.service }).toEqual({ name, service });
      let above = span;
      while (above !== undefined && above !== door) above = known.get(above.parentId);
      expect(above, `${name} hangs below the door`).toBe(door);
    }
    for (const { start, end } of spans) expect(end >= start).toBe(true);
  }

  it("leads from STOW-RS to the destination, within the caller's, through restarts", {
    timeout: TEST_WITHIN_MS,
  }, async () => {
    await system.process("worker").end("SIGKILL");
    const { studyUid, files } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed: 3 });
    const { contentType, body } = multipartRelated(files);
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    const headers = { "content-type": contentType, "axial-close": "true", traceparent };
    const init = { method: "POST", headers, body };
    expect((await system.fetch("gateway", "/dicom-web/studies", init)).status).toBe(200);
    await eventually("it is planned", () => spansOf(TRACE).some(({ name }) => name === "plan"));
    await system.process("gateway").end("SIGTERM");
    await system.start("gateway");
    await system.start("worker");
    await system.study(studyUid, "complete");
    const spans = await wholeTrace(TRACE);
    const door = spans.find(({ name }) => name === "POST /dicom-web/studies");
    expect(door?.parentId).toBe(CALLER);
    expectWay(spans, door);
    expect(spans.filter(({ failed }) => failed)).toEqual([]);
  });

  it("leads from C-STORE to the destination", { timeout: TEST_WITHIN_MS }, async () => {
    const { files } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed: 4 });
    const peer = { host: "127.0.0.1", port: system.dimsePort };
    await sendInstances({ ...peer, calledAeTitle: "AXIAL", callingAeTitle: "MODALITY" }, files);
    const association = await eventually("the association is over", () =>
      received.spans.find(({ name }) => name === "association"),
    );
    const spans = await wholeTrace(association.traceId);
    expect(spans.filter(({ name }) => name === "C-STORE")).toHaveLength(files.length);
    expectWay(spans, association);
  });

  it("is what OpenTelemetry's own definitions read", needs("opentelemetry-proto"), async () => {
    const read = spawnSync(PYTHON, ["-c", READ_REQUESTS], {
      input: received.requests.map((body) => body.toString("base64")).join("\n"),
      encoding: "utf8",
    });
    expect(read.stderr).toBe("");
    const known = received.spans.map(({ spanId, name }) => `${spanId} ${name}`);
    expect(read.stdout.trim().split("\n").toSorted()).toEqual(known.toSorted());
  });

  it("is named by exemplars of the latency, where Prometheus asks", async () => {
    const text = await (await fetch(`${system.url.results}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.includes(`trace_id="${TRACE}"`));
    expect(lines.some((line) => line.startsWith("axial_task_stage_seconds_bucket{"))).toBe(true);
    expect(text.endsWith("# EOF\n")).toBe(true);
  });
});
