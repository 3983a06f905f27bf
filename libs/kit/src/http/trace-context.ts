import type { IncomingHttpHeaders } from "node:http";
import { newId } from "@axial/contracts";

/** Of a UUID, a hexadecimal or a proxy's own id: nothing that could be a name or a sentence. */
const REQUEST_ID = /^(?=.*\d)[0-9A-Za-z_.:-]{8,64}$/;
/** W3C Trace Context, version 00: version, trace id, parent id, flags. */
const TRACE_PARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's `x-request-id` where it looks like an id, else one of our own. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : newId();
}

/** The trace that the caller's `traceparent` names, or null. */
export function traceId(headers: IncomingHttpHeaders): string | null {
  const given = headers.traceparent;
  const id = typeof given === "string" ? TRACE_PARENT.exec(given)?.[1] : undefined;
  return id === undefined || /^0+$/.test(id) ? null : id;
}
