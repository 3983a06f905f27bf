import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { readWaiting, readWorkers } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "../dependencies.ts";
import { WaitingViewSchema, whyWaiting } from "../views/why-waiting.ts";
import { StudyParams } from "./common.ts";

/** `GET …/why`: what a study waits for. */
export function whyRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/studies/:study/why",
      {
        config: { role: "reader", audit: "study.read" },
        schema: {
          summary: "Why a study is waiting: lane, position, ETA, capacity, throttles, last error",
          params: StudyParams,
          response: { 200: WaitingViewSchema },
        },
      },
      async (request) => {
        const { study } = request.params;
        const [record, workers] = await Promise.all([
          readWaiting(db, principalOf(request).tenant, study),
          readWorkers(db),
        ]);
        if (record === null) throw new AxialError("not-found", { detail: "no such study" });
        return whyWaiting(record, { study, workers, now: Date.now() });
      },
    );
  };
}
