import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import { discardDead, replayDead } from "@axial/store/recording";
import { countDead, countReplayable } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import type { ApiServer } from "./common.ts";
import { FilterSchema, noSuchTask, oneOf, TaskParams, toFilter } from "./dead-filter.ts";

const ReplayedSchema = Type.Object({ matched: Type.Integer(), replayed: Type.Integer() });

const config = { role: "operator" } as const;

/** What an operator may do to dead letters; each act is audited. */
export function replayRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    replayOneRoute(server, dependencies);
    replayManyRoute(server, dependencies);
    discardRoute(server, dependencies);
  };
}

function replayOneRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/dlq/:task/replay",
    {
      config,
      schema: {
        summary: "Retry a dead task",
        params: TaskParams,
        response: { 200: ReplayedSchema },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const filter = oneOf(request.params.task, principal);
      if ((await countDead(db, filter)) === 0) throw noSuchTask();
      const replayed = await replayDead(db, filter);
      if (replayed === 0) {
        throw new AxialError("conflict", {
          detail: "a newer run supersedes the task's, or its study is cancelled",
        });
      }
      await writeAudit(db, { principal, action: "dlq.replay", target: request.params.task });
      return { matched: 1, replayed };
    },
  );
}

function replayManyRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/dlq/replay",
    {
      config,
      schema: {
        summary: "Retry every dead task that matches the filter; an empty filter is refused",
        body: Type.Object({
          filter: FilterSchema,
          all: Type.Boolean({ default: false, description: "allows an empty filter" }),
          dryRun: Type.Boolean({ default: false, description: "only count the matches" }),
        }),
        response: { 200: ReplayedSchema },
      },
    },
    async (request) => {
      const { filter: wanted, all, dryRun } = request.body;
      if (Object.keys(wanted).length === 0 && !all) {
        throw new AxialError("invalid-request", {
          detail: "an empty filter replays nothing without `all`",
        });
      }
      const principal = principalOf(request);
      const filter = toFilter(wanted, principal);
      const matched = await countReplayable(db, filter);
      if (dryRun) return { matched, replayed: 0 };
      const replayed = await replayDead(db, filter);
      const detail = { by: Object.keys(wanted).join(" "), replayed };
      await writeAudit(db, { principal, action: "dlq.replay", target: "filter", detail });
      return { matched, replayed };
    },
  );
}

function discardRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/dlq/:task/discard",
    {
      config,
      schema: {
        summary: "Discard a dead task for good",
        params: TaskParams,
        response: { 200: Type.Object({ discarded: Type.Integer() }) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { task } = request.params;
      const discarded = await discardDead(db, principal.tenant, task);
      if (discarded === 0) throw noSuchTask();
      await writeAudit(db, { principal, action: "dlq.discard", target: task });
      return { discarded };
    },
  );
}
