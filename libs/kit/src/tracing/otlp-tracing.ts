import { setTimeout as delay } from "node:timers/promises";
import { AXIAL_VERSION } from "@axial/contracts";
import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import { readTraceParent, writeTraceParent } from "./trace-parent.ts";
import type { Span, SpanFacts, SpanOptions, Tracing } from "./tracing.ts";
import type { TracingSettings } from "./tracing-settings.ts";

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** A collector that is away holds up no shutdown for longer. */
const CLOSE_WITHIN_MS = 5_000;
/** Spans that wait for the collector; more are dropped. */
const MAX_WAITING_SPANS = 8_192;

interface Options {
  /** `service.name`, unless the environment names one. */
  readonly service: string;
  readonly logger: Logger;
}

/**
 * Spans in batches to a collector, by OTLP over HTTP. A collector that is away costs its spans and
 * one line in the log; work never waits for it.
 */
export class OtlpTracing implements Tracing {
  readonly isOn = true;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor(settings: TracingSettings, { service, logger }: Options) {
    const resource = defaultResource()
      .merge(resourceFromAttributes({ "service.name": service, "service.version": AXIAL_VERSION }))
      .merge(detectResources({ detectors: [envDetector] }));
    const processor = new BatchSpanProcessor({
      exporter: new ReportingExporter(logger),
      maxQueueSize: MAX_WAITING_SPANS,
      scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    });
    this.#provider = new TracerProvider({
      resource,
      sampler: samplerOf(settings),
      spanProcessors: [processor],
    });
    this.#tracer = this.#provider.getTracer("axial", AXIAL_VERSION);
  }

  start(name: string, options: SpanOptions): Span {
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[options.kind ?? "internal"],
        attributes: { ...options.facts },
        ...(options.startedAt === undefined ? {} : { startTime: options.startedAt }),
      },
      contextOf(options.parent),
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceParent: writeTraceParent({ traceId, spanId, flags: traceFlags }),
      add: (facts: SpanFacts) => void span.setAttributes({ ...facts }),
      fail: (code) => {
        span.setAttributes({ "axial.outcome": code });
        span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      },
      end: (endedAt) => span.end(endedAt),
    };
  }

  async close(): Promise<void> {
    // What fails here has been told as an outage of the export.
    const exported = this.#provider.shutdown().catch(() => {});
    await Promise.race([exported, delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

/** What is no `traceparent` begins a trace of its own. */
function contextOf(parent: string | null | undefined): Context {
  const place = readTraceParent(parent);
  if (place === null) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = place;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
}

function samplerOf(settings: TracingSettings): Sampler {
  const ratio = () => new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG);
  switch (settings.OTEL_TRACES_SAMPLER) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return ratio();
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({ root: ratio() });
    default:
      throw settings.OTEL_TRACES_SAMPLER satisfies never;
  }
}

/** The exporter of OTLP, whose failures the log tells once per outage. */
class ReportingExporter extends OTLPTraceExporter {
  readonly #outage: OutageLog;

  constructor(logger: Logger) {
    super();
    this.#outage = new OutageLog(logger, "export of traces");
  }

  override export(...[spans, done]: Parameters<OTLPTraceExporter["export"]>): void {
    super.export(spans, (result) => {
      if (result.error === undefined) this.#outage.worked();
      else this.#outage.failed(result.error);
      done(result);
    });
  }
}
