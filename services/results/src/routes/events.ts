import { Readable } from "node:stream";
import { isStillAllowed, principalOf } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "../dependencies.ts";
import { StreamPlaces } from "../watch/stream-places.ts";
import { studyEvents } from "../watch/study-events.ts";
import { StudyParams, studyOf } from "./common.ts";

/** Streams per process; each holds a socket and reads its study again now and then. */
const MAX_STREAMS = 256;
/** Per tenant, whatever its keys: one that opens stream after stream leaves places to others. */
const MAX_STREAMS_PER_TENANT = 64;
/**
 * How often a stream asks whether its key may still read. An answer may be three seconds old: a
 * revoked key is out within five.
 */
const CHECK_KEY_MS = 1_000;
/** A reader that accepts nothing for this long, heartbeats included, is disconnected. */
const SLOW_READER_MS = 60_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Tells nginx not to hold events back.
  "x-accel-buffering": "no",
};

/** `GET …/events`: the study again whenever it changes, as server-sent events. */
export function eventRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const closing = new AbortController();
    const places = new StreamPlaces({ inAll: MAX_STREAMS, each: MAX_STREAMS_PER_TENANT });
    server.addHook("preClose", async () => closing.abort());

    server.get(
      "/api/v1/studies/:study/events",
      {
        config: { role: "reader", audit: "study.read" },
        schema: {
          summary:
            "Stream server-sent events: `study` with the whole study, `end` when it is finished",
          params: StudyParams,
        },
      },
      async (request, reply) => {
        const { tenant } = principalOf(request);
        const { study } = await studyOf(dependencies, tenant, request.params.study);
        const release = places.take(tenant);
        const left = new AbortController();
        const checking = setInterval(() => {
          // A key that cannot be looked up is not known to be valid: EventSource comes back.
          isStillAllowed(request).then(
            (allowed) => allowed || left.abort(),
            () => left.abort(),
          );
        }, CHECK_KEY_MS);
        reply.raw.once("close", () => {
          clearInterval(checking);
          release();
          left.abort();
        });
        reply.raw.setTimeout(SLOW_READER_MS, () => reply.raw.destroy());
        const signal = AbortSignal.any([left.signal, closing.signal]);
        const events = studyEvents(dependencies, { tenant, study, signal });
        return reply.headers(HEADERS).send(Readable.from(events));
      },
    );
  };
}
