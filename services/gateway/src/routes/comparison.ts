import { AxialError, ComparisonSchema, DisagreementSchema } from "@axial/contracts";
import { baseUrl } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import { compareVersions, readDisagreements } from "../backfill/comparison.ts";
import type { Dependencies } from "../dependencies.ts";
import { BACKFILLS, BackfillParams, demandBackfill } from "./backfills.ts";

/** Studies of a page of disagreements, which are few of them. */
const MAX_STUDIES = 1_000;

const Ref = Type.String({
  ...{ pattern: "^[a-z0-9][a-z0-9-]{0,62}@\\d+\\.\\d+\\.\\d+$", maxLength: 96 },
  description: "id@version",
});
const Pair = Type.Object({ a: Ref, b: Ref });
const Page = Type.Object({
  ...Pair.properties,
  after: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
  limit: Type.Integer({ minimum: 1, maximum: MAX_STUDIES, default: 200 }),
});

/** `GET /api/v1/backfills/{id}/comparison` and its disagreements, of two installed versions. */
export function comparisonRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  const { db, models } = dependencies;
  const packagesOf = async ({ a, b }: Static<typeof Pair>) => {
    if (a === b) throw new AxialError("invalid-request", { detail: "two versions are compared" });
    return { a: await models.demand(a), b: await models.demand(b) };
  };
  const common = { tags: ["backfills"], params: BackfillParams };
  const config = { role: "reader", audit: "backfill.read" } as const;
  return async (server) => {
    server.get(
      `${BACKFILLS}/:id/comparison`,
      {
        config,
        schema: {
          ...common,
          summary: "How far two model versions agree over a backfill's studies",
          querystring: Pair,
          response: { 200: ComparisonSchema },
        },
      },
      async (request) => {
        const { id: backfill } = await demandBackfill(dependencies, request);
        return compareVersions(db, { backfill, ...(await packagesOf(request.query)) });
      },
    );

    server.get(
      `${BACKFILLS}/:id/comparison/disagreements`,
      {
        config,
        schema: {
          ...common,
          summary: "Series that two model versions label differently",
          description: "Pages of studies: `next` is the `after` of the next one, null at the end.",
          querystring: Page,
          response: {
            200: Type.Object({
              disagreements: Type.Array(DisagreementSchema),
              next: Type.Union([Type.String(), Type.Null()]),
            }),
          },
        },
      },
      async (request) => {
        const { id: backfill } = await demandBackfill(dependencies, request);
        const { after = null, limit } = request.query;
        const compared = { backfill, ...(await packagesOf(request.query)) };
        return readDisagreements(db, compared, { after, limit, base: baseUrl(request) });
      },
    );
  };
}
