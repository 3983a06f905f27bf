import { AxialError, MAX_JOB_PAYLOAD_BYTES } from "@axial/contracts";
import type { NewJob } from "./jobs.ts";

/** Throws `limit-exceeded` for a payload that is more than opaque ids (invariant 4). */
export function assertSmall(queue: string, job: NewJob): void {
  const bytes = Buffer.byteLength(JSON.stringify(job.data));
  if (bytes > MAX_JOB_PAYLOAD_BYTES) {
    throw new AxialError("limit-exceeded", {
      detail: `a ${queue} payload of ${bytes} bytes; the limit is ${MAX_JOB_PAYLOAD_BYTES}`,
    });
  }
}
