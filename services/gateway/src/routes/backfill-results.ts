import { BackfillResultSchema } from "@axial/contracts";
import { readBackfillResults } from "@axial/store/backfill";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { resultViews } from "../backfill/results.ts";
import type { Dependencies } from "../dependencies.ts";
import { BACKFILLS, BackfillParams, demandBackfill } from "./backfills.ts";

/** Studies of a page: each has a row per model and series. */
const MAX_STUDIES = 1_000;

const schema = {
  summary: "Every answer of a backfill, and what stands in the place of one",
  description: "Pages of studies: `next` is the `after` of the next one, null at the end.",
  tags: ["backfills"],
  params: BackfillParams,
  querystring: Type.Object({
    after: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
    limit: Type.Integer({ minimum: 1, maximum: MAX_STUDIES, default: 200 }),
  }),
  response: {
    200: Type.Object({
      rows: Type.Array(BackfillResultSchema),
      next: Type.Union([Type.String(), Type.Null()]),
    }),
  },
};

/** `GET /api/v1/backfills/{id}/results`. */
export function backfillResultRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  const { db, models } = dependencies;
  return async (server) => {
    server.get(
      `${BACKFILLS}/:id/results`,
      { config: { role: "reader", audit: "backfill.read" }, schema },
      async (request) => {
        const { id } = await demandBackfill(dependencies, request);
        const { after = null, limit } = request.query;
        const { rows, next } = await readBackfillResults(db, id, { after, limit });
        return { rows: await resultViews(models, rows), next };
      },
    );
  };
}
