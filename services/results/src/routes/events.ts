import { Readable } from "node:stream";
import { isStillAllowed, principalOf } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Dependencies } from "../dependencies.ts";
import { ChangeFeed } from "../watch/change-feed.ts";
import { StreamPlaces } from "../watch/stream-places.ts";
import { studyEvents } from "../watch/study-events.ts";
import { type ApiServer, StudyParams, studyOf } from "./common.ts";

/** Streams per process; each holds a socket and reads its study again now and then. */
const MAX_STREAMS = 256;
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

/**
 * Server-sent events: `GET /api/v1/studies/{study}/events`, the study again whenever it changes, and
 * `GET /api/v1/events`, a word that some study of the tenant did.
 */
export function eventRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const send = eventStreams(server, dependencies);
    const feed = new ChangeFeed(dependencies.db, dependencies.watcher);

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
        return send(request, reply, (signal) =>
          studyEvents(dependencies, { tenant, study, signal }),
        );
      },
    );

    server.get(
      "/api/v1/events",
      {
        config: { role: "reader" },
        schema: { summary: "Stream server-sent events: `changed` when a study of yours changed" },
      },
      async (request, reply) => {
        const { tenant } = principalOf(request);
        return send(request, reply, (signal) => feed.events(tenant, signal));
      },
    );
  };
}

type SendEvents = (
  request: FastifyRequest,
  reply: FastifyReply,
  events: (signal: AbortSignal) => AsyncIterable<string>,
) => Promise<FastifyReply>;

/**
 * Answers with events until the reader leaves, its key is revoked or the server closes. Rejects with
 * `rate-limited` when as many streams of the tenant are open as its quota says, `too-busy` when too
 * many are open in all.
 */
function eventStreams(server: ApiServer, { limits }: Pick<Dependencies, "limits">): SendEvents {
  const closing = new AbortController();
  const places = new StreamPlaces(MAX_STREAMS);
  server.addHook("preClose", async () => closing.abort());
  return async (request, reply, events) => {
    const { tenant } = principalOf(request);
    const { eventStreams: quota } = await limits.of(tenant);
    const release = places.take(tenant, quota);
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
    return reply.headers(HEADERS).send(Readable.from(events(signal)));
  };
}
