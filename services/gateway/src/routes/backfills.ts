import {
  AxialError,
  BACKFILL_ITEM_STATES,
  BACKFILL_SOURCES,
  BackfillEstimateSchema,
  BackfillFilterSchema,
  BackfillItemSchema,
  BackfillSummarySchema,
  BackfillViewSchema,
  laneWithin,
  type ModelPackage,
  ModelRefSchema,
  modelsWithin,
  type TenantId,
  UidSchema,
  WINDOW_PATTERN,
} from "@axial/contracts";
import { type Principal, principalOf, scopeOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import {
  addNamedStudies,
  type BackfillRow,
  changeBackfill,
  createBackfill,
  findBackfill,
  findsStudy,
  listBackfills,
  reportItems,
  searchItems,
} from "@axial/store/backfill";
import { readCanaries } from "@axial/store/canaries";
import type { Database, DatabaseTransaction } from "@axial/store/database";
import { lockIdempotencyKey } from "@axial/store/keys";
import { findSource } from "@axial/store/sources";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { estimateStored } from "../backfill/estimate.ts";
import { checkSourceFilter, estimateListed, estimateSource } from "../backfill/estimate-source.ts";
import { predictionRate } from "../backfill/prediction-rate.ts";
import { backfillSummary, backfillView, itemView } from "../backfill/view.ts";
import type { Dependencies } from "../dependencies.ts";
import { candidateModels } from "../plan/candidate-models.ts";
import type { PlanDecider } from "../plan/plan-decider.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import { answerOnce, IdempotencyHeaders, keyedRequest } from "./idempotency.ts";
import { noSuchSource } from "./sources.ts";

export const BACKFILLS = "/api/v1/backfills";
export const BackfillParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{32}$" }) });

const tags = ["backfills"];
/** Items of one report: a client reports per request, of 128 instances at most. */
const MAX_REPORTED = 1_000;
const MAX_PAGE = 1_000;

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const Window = Nullable(
  Type.String({ pattern: WINDOW_PATTERN, description: "hours of the day, as 19:00-06:00" }),
);
const TimeZone = Type.String({ maxLength: 64, description: "of the window, as Europe/Berlin" });
const Rate = Nullable(
  Type.Integer({ minimum: 1, maximum: 1_000_000, description: "studies a minute" }),
);
const Source = Type.String({
  ...{ minLength: 1, maxLength: 63 },
  description: "a source that is pulled from",
});
const Selection = {
  filter: Type.Optional(BackfillFilterSchema),
  models: Type.Optional(Type.Array(ModelRefSchema, { minItems: 1, maxItems: 64 })),
};
/** Studies that one request names. */
const MAX_NAMED = 1_000;
const Named = Type.Array(UidSchema, { minItems: 1, maxItems: MAX_NAMED });

const Package = Type.Unsafe<ModelPackage>({
  ...{ type: "object", additionalProperties: true },
  description: "the package's model.json",
});

const NewBackfill = Type.Object({
  name: Name,
  source: Type.Enum([...BACKFILL_SOURCES]),
  from: Type.Optional(Source),
  sourceKey: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  manifest: Type.Optional(
    Type.Boolean({ description: "its studies are named one by one, by POST …/studies" }),
  ),
  ...Selection,
  window: Type.Optional(Window),
  timeZone: Type.Optional(TimeZone),
  ratePerMinute: Type.Optional(Rate),
});
type NewBackfillBody = Static<typeof NewBackfill>;
const Changes = Type.Object({
  name: Type.Optional(Name),
  window: Type.Optional(Window),
  timeZone: Type.Optional(TimeZone),
  ratePerMinute: Type.Optional(Rate),
});
const Report = Type.Object({
  items: Type.Array(
    Type.Object({
      study: UidSchema,
      state: Type.Enum(["waiting", "sent", "refused", "failed"]),
      code: Type.Optional(Type.String({ maxLength: 63 })),
      fresh: Type.Optional(Type.Boolean({ description: "instances came that were not here" })),
    }),
    { maxItems: MAX_REPORTED },
  ),
});
const Page = {
  after: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
  limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 100 }),
};

/** `/api/v1/backfills`: creating, reading, changing, and what a client reports of its items. */
export function backfillRoutes(
  dependencies: Dependencies,
  decider: PlanDecider,
): FastifyPluginAsyncTypebox {
  const { db, models } = dependencies;
  const services = { ...dependencies, decider };
  const allowedModels = async (request: FastifyRequest, named: readonly string[] | null) => {
    for (const id of named ?? []) await models.demand(id);
    const allowed = modelsWithin(scopeOf(request), named);
    return allowed === null ? null : [...allowed];
  };
  const demandSource = async (
    tenant: TenantId,
    name: string,
    within: Database | DatabaseTransaction = db,
  ) => {
    const source = await findSource(within, tenant, name);
    if (source === null) throw noSuchSource();
    return source;
  };
  const create = async (
    trx: DatabaseTransaction,
    principal: Principal,
    { body, wanted }: { readonly body: NewBackfillBody; readonly wanted: readonly string[] | null },
  ) => {
    const { tenant } = principal;
    const { filter = {}, manifest: named = false } = body;
    const from = body.from === undefined ? null : await demandSource(tenant, body.from, trx);
    const stored = body.source === "stored" && !named;
    if (stored && !(await findsStudy(trx, { tenant, filter }))) {
      throw new AxialError("conflict", { detail: "the filter finds no study" });
    }
    const made = await createBackfill(trx, {
      tenant,
      name: body.name,
      source: body.source,
      sourceId: from?.id,
      sourceKey: body.sourceKey ?? null,
      filter,
      named,
      models: wanted,
      window: body.window ?? null,
      timeZone: body.timeZone ?? "UTC",
      ratePerMinute: body.ratePerMinute ?? null,
    });
    const { id: target } = made.row;
    if (made.created) await writeAudit(trx, { principal, action: "backfill.start", target });
    return made;
  };
  return async (server) => {
    server.post(
      `${BACKFILLS}/estimate`,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "What a backfill of stored studies, or of those of a source, would do",
          tags,
          body: Type.Object({
            ...Selection,
            from: Type.Optional(Source),
            studies: Type.Optional({ ...Named, description: "these alone" }),
          }),
          response: { 200: BackfillEstimateSchema },
        },
      },
      async (request) => {
        const { filter = {}, from, studies = null } = request.body;
        const named = await allowedModels(request, request.body.models ?? null);
        const { tenant } = principalOf(request);
        if (from !== undefined) {
          const source = await demandSource(tenant, from);
          return studies === null
            ? estimateSource(services, { source, models: named }, filter)
            : estimateListed(services, { source, models: named }, studies);
        }
        return estimateStored(dependencies, decider, { tenant, filter, studies, models: named });
      },
    );

    server.post(
      BACKFILLS,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "Start a backfill, or go on with the unfinished one of the same source",
          tags,
          headers: IdempotencyHeaders,
          body: NewBackfill,
          response: { 200: BackfillSummarySchema, 201: BackfillSummarySchema },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const principal = principalOf(request);
        laneWithin(scopeOf(request), "backfill");
        const wanted = await allowedModels(request, body.models ?? null);
        checkNew(body);
        const keyed = keyedRequest(request, JSON.stringify(body));
        const answer = await db.transaction().execute(async (trx) => {
          if (keyed !== null) await lockIdempotencyKey(trx, keyed);
          return answerOnce(trx, keyed, async () => {
            const { row, created } = await create(trx, principal, { body, wanted });
            return { status: created ? 201 : 200, body: backfillSummary(row) };
          });
        });
        return reply.code(answer.status).send(answer.body);
      },
    );

    server.get(
      BACKFILLS,
      {
        config: { role: "reader", forTenants: true },
        schema: {
          summary: "Backfills, newest first",
          tags,
          querystring: Type.Object(Page),
          response: { 200: Type.Object({ backfills: Type.Array(BackfillSummarySchema) }) },
        },
      },
      async (request) => {
        const { after = null, limit } = request.query;
        const rows = await listBackfills(db, principalOf(request).tenant, { before: after, limit });
        return { backfills: rows.map(backfillSummary) };
      },
    );

    server.get(
      `${BACKFILLS}/rate`,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "How fast the models ran lately, for an estimate",
          tags,
          response: {
            200: Type.Object({
              perMinute: Nullable(Type.Number({ description: "predictions of a busy minute" })),
            }),
          },
        },
      },
      async () => ({ perMinute: await predictionRate(db) }),
    );

    server.get(
      `${BACKFILLS}/packages`,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "The model packages that a backfill would run, to try their rules on a folder",
          tags,
          querystring: Type.Object({
            models: Type.Optional(
              Type.String({
                ...{ minLength: 1, maxLength: 4_096 },
                description: "ids, as a,b@1.0.0",
              }),
            ),
          }),
          response: { 200: Type.Object({ packages: Type.Array(Package) }) },
        },
      },
      async (request) => {
        const named = await allowedModels(request, request.query.models?.split(",") ?? null);
        const offer = versionsOfBackfill(await models.all(), await readCanaries(db));
        return {
          packages: candidateModels(offer, named, decider.policy).map(({ model }) => model),
        };
      },
    );

    server.get(
      `${BACKFILLS}/:id`,
      {
        config: { role: "reader", forTenants: true },
        schema: {
          summary: "A backfill and how it goes",
          tags,
          params: BackfillParams,
          response: { 200: BackfillViewSchema },
        },
      },
      async (request) => backfillView(db, await demandBackfill(dependencies, request)),
    );

    server.get(
      `${BACKFILLS}/:id/items`,
      {
        config: { role: "reader", audit: "backfill.read" },
        schema: {
          summary: "Items of a backfill in the order in which they were found",
          tags,
          params: BackfillParams,
          querystring: Type.Object({
            ...Page,
            state: Type.Optional(Type.Enum([...BACKFILL_ITEM_STATES])),
          }),
          response: { 200: Type.Object({ items: Type.Array(BackfillItemSchema) }) },
        },
      },
      async (request) => {
        const { id: backfill } = await demandBackfill(dependencies, request);
        const { state = null, after = null, limit } = request.query;
        const rows = await searchItems(db, { backfill, state, after, limit });
        return { items: rows.map(itemView) };
      },
    );

    server.patch(
      `${BACKFILLS}/:id`,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "Set name, hours or rate while it runs",
          tags,
          params: BackfillParams,
          body: Changes,
          response: { 200: BackfillSummarySchema },
        },
      },
      async (request) => {
        const { id } = await demandBackfill(dependencies, request);
        checkTimeZone(request.body.timeZone);
        const principal = principalOf(request);
        await db.transaction().execute(async (trx) => {
          await changeBackfill(trx, id, request.body);
          await writeAudit(trx, { principal, action: "backfill.change", target: id });
        });
        return backfillSummary(await demandBackfill(dependencies, request));
      },
    );

    server.post(
      `${BACKFILLS}/:id/studies`,
      {
        config: { role: "operator", forTenants: true },
        schema: {
          summary: "Name studies of the backfill; naming one again changes nothing",
          tags,
          params: BackfillParams,
          body: Type.Object({ studies: Named }),
          response: { 200: BackfillSummarySchema },
        },
      },
      async (request) => {
        const row = await demandBackfill(dependencies, request);
        if (!row.manifest || row.listed || row.state === "cancelled") {
          throw new AxialError("conflict", { detail: "the backfill takes no more studies" });
        }
        const deidentifier =
          row.source === "pulled" ? await dependencies.deidentifiers.of(row.tenant_id) : null;
        const items = request.body.studies.map((sourceUid) => ({
          sourceUid,
          storedUid: deidentifier?.uid(sourceUid) ?? sourceUid,
        }));
        await db.transaction().execute((trx) => addNamedStudies(trx, row, items));
        return backfillSummary(row);
      },
    );

    server.put(
      `${BACKFILLS}/:id/items`,
      {
        config: { role: "sender", forTenants: true },
        schema: {
          summary: "What a client will send, has sent, or cannot send",
          tags,
          params: BackfillParams,
          body: Report,
          response: { 200: BackfillSummarySchema },
        },
      },
      async (request) => {
        const row = await demandBackfill(dependencies, request);
        if (row.state === "cancelled") {
          throw new AxialError("conflict", { detail: "the backfill is cancelled" });
        }
        await reportItems(
          db,
          { id: row.id, tenant: row.tenant_id },
          request.body.items.map(({ study, state, code = null, fresh = false }) => ({
            ...{ study, state, code, fresh },
          })),
        );
        return backfillSummary(row);
      },
    );
  };
}

/** The backfill of the request's tenant. Throws `not-found`. */
export async function demandBackfill(
  { db }: Pick<Dependencies, "db">,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<BackfillRow> {
  const row = await findBackfill(db, principalOf(request).tenant, request.params.id);
  if (row === null) throw new AxialError("not-found", { detail: "no such backfill" });
  return row;
}

/** Throws `invalid-request` for what does not go together. */
function checkNew({
  source,
  from,
  filter = {},
  manifest: named = false,
  timeZone,
}: NewBackfillBody): void {
  checkTimeZone(timeZone);
  if (named && (source === "sent" || Object.keys(filter).length > 0)) {
    throw new AxialError("invalid-request", {
      detail: "a client names studies that are stored or pulled, without a filter",
    });
  }
  if ((source === "pulled") !== (from !== undefined)) {
    throw new AxialError("invalid-request", { detail: "from names the source of pulled" });
  }
  if (source === "pulled" && !named) checkSourceFilter(filter);
}

function checkTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined || Intl.supportedValuesOf("timeZone").includes(timeZone)) return;
  if (timeZone === "UTC") return;
  throw new AxialError("invalid-request", { detail: "no such time zone" });
}
