import { Readable } from "node:stream";
import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import type { RouteDependencies } from "../dependencies.ts";
import { studyEvents } from "../watch/study-events.ts";
import { type ApiServer, StudyParams, studyOf } from "./common.ts";

/** Streams per process; each holds a socket and reads its study again now and then. */
const MAX_STREAMS = 256;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Tells nginx not to hold events back.
  "x-accel-buffering": "no",
};

/** `GET …/events`: the study again whenever it changes, as server-sent events. */
export function eventRoutes(server: ApiServer, dependencies: RouteDependencies): void {
  const closing = new AbortController();
  server.addHook("preClose", async () => closing.abort());

  server.get(
    "/api/v1/studies/:study/events",
    {
      config: { role: "reader" },
      schema: {
        summary: "Server-sent events: `study` with the whole study, `end` when it is finished",
        params: StudyParams,
      },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const { study } = await studyOf(dependencies, tenant, request.params.study);
      if (dependencies.watcher.size >= MAX_STREAMS) {
        throw new AxialError("too-busy", { detail: `${MAX_STREAMS} event streams are open` });
      }
      const left = new AbortController();
      reply.raw.once("close", () => left.abort());
      const signal = AbortSignal.any([left.signal, closing.signal]);
      const events = studyEvents(dependencies, { tenant, study, signal });
      return reply.headers(HEADERS).send(Readable.from(events));
    },
  );
}
