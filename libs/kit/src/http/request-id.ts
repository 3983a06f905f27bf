import type { IncomingHttpHeaders } from "node:http";
import { newId } from "@axial/contracts";

/** Of a UUID, a hexadecimal or a proxy's own id: nothing that could be a name or a sentence. */
const REQUEST_ID = /^(?=.*\d)[0-9A-Za-z_.:-]{8,64}$/;

/** The caller's `x-request-id` where it looks like an id, else one of our own. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : newId();
}
