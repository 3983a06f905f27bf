import type { TaskId } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { countDead, groupDead, listDead } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { DeadCodeSchema, DeadLetterSchema, deadCode, deadLetter } from "../views/dead-letter.ts";
import { type ApiServer, CursorSchema, LimitSchema, Nullable, nextCursor } from "./common.ts";
import { FilterSchema, noSuchTask, oneOf, TaskParams, toFilter } from "./dead-filter.ts";

const config = { role: "operator", audit: "dead-letter.read" } as const;

/** Dead letters: tasks that are only retried when an operator replays them. */
export function deadLetterRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    listRoute(server, dependencies);
    showRoute(server, dependencies);
  };
}

function listRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    "/api/v1/dlq",
    {
      config,
      schema: {
        summary: "List dead tasks with their history, newest first",
        querystring: Type.Intersect([
          FilterSchema,
          Type.Object({ cursor: Type.Optional(CursorSchema), limit: LimitSchema }),
        ]),
        response: {
          200: Type.Object({
            total: Type.Integer(),
            codes: Type.Array(DeadCodeSchema, {
              description: "all that the filter matches, by what ended them",
            }),
            tasks: Type.Array(DeadLetterSchema),
            next: Nullable(CursorSchema),
          }),
        },
      },
    },
    async (request) => {
      const { cursor, limit, ...filter } = request.query;
      const dead = toFilter(filter, principalOf(request));
      const page = cursor === undefined ? { limit } : { limit, after: cursor as TaskId };
      const [rows, total, codes] = await Promise.all([
        listDead(db, dead, page),
        countDead(db, dead),
        groupDead(db, dead),
      ]);
      return {
        total,
        codes: codes.map(deadCode),
        tasks: rows.map(deadLetter),
        next: nextCursor(rows, limit),
      };
    },
  );
}

function showRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    "/api/v1/dlq/:task",
    {
      config,
      schema: {
        summary: "Get a dead task with its history",
        params: TaskParams,
        response: { 200: DeadLetterSchema },
      },
    },
    async (request) => {
      const filter = oneOf(request.params.task, principalOf(request));
      const [row] = await listDead(db, filter, { limit: 1 });
      if (row === undefined) throw noSuchTask();
      return deadLetter(row);
    },
  );
}
