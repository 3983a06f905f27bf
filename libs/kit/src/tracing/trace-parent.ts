/** The place of a span in its trace, as W3C Trace Context writes it: version, trace, span, flags. */
const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export interface SpanPlace {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** Bit 0: the trace is recorded. */
  readonly flags: number;
}

/** Reads a `traceparent` of version 00; null for anything else. */
export function readTraceParent(text: unknown): SpanPlace | null {
  const found = typeof text === "string" ? TRACE_PARENT.exec(text) : null;
  const [, traceId = "", spanId = "", flags = ""] = found ?? [];
  if (found === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

export function writeTraceParent({ traceId, spanId, flags }: SpanPlace): string {
  return `00-${traceId}-${spanId}-${(flags & 0xff).toString(16).padStart(2, "0")}`;
}

/** Labels of an exemplar: the trace in which a figure was measured, and its span. */
export function exemplarOf(traceParent: string | null | undefined): Record<string, string> {
  const place = readTraceParent(traceParent);
  if (place === null || (place.flags & 1) === 0) return {};
  return { trace_id: place.traceId, span_id: place.spanId };
}
