import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { messageFields, type ProtobufField } from "./protobuf-fields.ts";

/** A span as it came; ids are hexadecimal, times epoch nanoseconds. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface TraceCollector {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT names. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The bodies that came. */
  readonly requests: readonly Buffer[];
  /** Every byte that came: what is in no field that is read here is in it too. */
  readonly bytes: Buffer;
  close(): Promise<void>;
}

/**
 * Takes traces by OTLP over HTTP (`ExportTraceServiceRequest` of opentelemetry-proto, protobuf). The
 * numbers are those of its fields.
 */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  const chunks: Buffer[] = [];
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      chunks.push(body);
      spans.push(...spansOf(body));
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests: chunks,
    get bytes() {
      return Buffer.concat(chunks);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

const ERROR = 2n;

function spansOf(request: Buffer): ReceivedSpan[] {
  return within(request, 1).flatMap((resourceSpans) => {
    const resource = within(resourceSpans, 1).flatMap((one) => within(one, 1));
    const service = String(attributesOf(resource)["service.name"] ?? "");
    return within(resourceSpans, 2)
      .flatMap((scopeSpans) => within(scopeSpans, 2))
      .map((span) => spanOf(span, service));
  });
}

function spanOf(bytes: Buffer, service: string): ReceivedSpan {
  const fields = messageFields(bytes);
  const hex = (number: number) => blockOf(fields, number).toString("hex");
  const [status] = within(bytes, 15);
  return {
    service,
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    name: blockOf(fields, 5).toString(),
    start: numberOf(fields, 7),
    end: numberOf(fields, 8),
    attributes: attributesOf(within(bytes, 9)),
    failed: status !== undefined && numberOf(messageFields(status), 3) === ERROR,
  };
}

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [value] = within(pair, 2);
      const fields = messageFields(value ?? Buffer.alloc(0));
      const isText = fields.some(({ number }) => number === 1);
      const read = isText ? blockOf(fields, 1).toString() : Number(numberOf(fields, 3));
      return [blockOf(messageFields(pair), 1).toString(), read];
    }),
  );
}

function within(bytes: Buffer, number: number): Buffer[] {
  return messageFields(bytes).flatMap((field) =>
    field.number === number && typeof field.value !== "bigint" ? [field.value] : [],
  );
}

function blockOf(fields: readonly ProtobufField[], number: number): Buffer {
  const value = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function numberOf(fields: readonly ProtobufField[], number: number): bigint {
  const value = fields.find((field) => field.number === number)?.value;
  return typeof value === "bigint" ? value : 0n;
}
