import { readTraceParent } from "@axial/kit";
import { expect, it } from "vitest";
import { exemplarOf, writeTraceParent } from "../src/tracing/trace-parent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

it("reads and writes what W3C Trace Context says", () => {
  const text = `00-${TRACE}-${SPAN}-01`;
  expect(readTraceParent(text)).toEqual({ traceId: TRACE, spanId: SPAN, flags: 1 });
  expect(writeTraceParent({ traceId: TRACE, spanId: SPAN, flags: 1 })).toBe(text);
});

it.each([
  undefined,
  "",
  "00-1-1-1",
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE}-${SPAN}-01-DOE^JANE`,
])("takes %j for no context", (text) => {
  expect(readTraceParent(text)).toBeNull();
});

it("names a trace beside a figure only where the trace is recorded", () => {
  expect(exemplarOf(`00-${TRACE}-${SPAN}-01`)).toEqual({ trace_id: TRACE, span_id: SPAN });
  expect(exemplarOf(`00-${TRACE}-${SPAN}-00`)).toEqual({});
  expect(exemplarOf(null)).toEqual({});
});
