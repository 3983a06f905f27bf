import { readTraceParent } from "./trace-parent.ts";

/** Labels of an exemplar: the trace in which a figure was measured, and its span. */
export function exemplarOf(traceParent: string | null | undefined): Record<string, string> {
  const place = readTraceParent(traceParent);
  if (place === null || (place.flags & 1) === 0) return {};
  return { trace_id: place.traceId, span_id: place.spanId };
}
