import {
  AeTitleSchema,
  AxialError,
  demandAeTitle,
  HOME_TENANT,
  LaneSchema,
  laneWithin,
  modelsWithin,
  NewerInstancePolicySchema,
  TenantIdSchema,
  TlsSchema,
  withoutSecrets,
} from "@axial/contracts";
import { principalOf, scopeOf } from "@axial/kit";
import {
  type ApplicationEntityRow,
  createApplicationEntity,
  deleteApplicationEntity,
  listApplicationEntities,
} from "@axial/store/application-entities";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";

const Nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(
  schema: T,
) => Type.Union([schema, Type.Null()]);

const NewEntitySchema = Type.Object({
  calledTitle: AeTitleSchema,
  callingTitle: Type.Optional(
    Nullable(Type.String({ ...AeTitleSchema, description: "null or omitted: any caller" })),
  ),
  tenant: Type.Optional(TenantIdSchema),
  lane: Type.Optional(LaneSchema),
  models: Type.Optional(
    Type.Union([
      Type.Array(Type.String({ maxLength: 63 }), { minItems: 1, maxItems: 32 }),
      Type.Null(),
    ]),
  ),
  closeOnRelease: Type.Optional(
    Type.Boolean({ description: "close the studies that an association sent when it ends" }),
  ),
  newerInstance: Type.Optional(
    Type.Union([NewerInstancePolicySchema, Type.Null()], {
      description: "of an instance that it sends anew with other content; as the tenant says",
    }),
  ),
  host: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 253 }))),
  port: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 65_535 }))),
  tls: Type.Optional(TlsSchema),
});

const EntitySchema = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  calledTitle: Type.String(),
  callingTitle: Nullable(Type.String()),
  lane: LaneSchema,
  models: Type.Union([Type.Array(Type.String()), Type.Null()]),
  closeOnRelease: Type.Boolean(),
  host: Nullable(Type.String()),
  port: Nullable(Type.Integer()),
  newerInstance: Type.Union([NewerInstancePolicySchema, Type.Null()]),
  tls: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()], {
    description: "without its key",
  }),
  createdAt: Type.String({ format: "date-time" }),
});

const tags = ["application entities"];
const config = { role: "admin" } as const;
const URL = "/api/v1/application-entities";

/** `/api/v1/application-entities`: which callers may send by C-STORE, to which tenant and lane. */
export function applicationEntityRoutes({
  db,
  models: catalogue,
}: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      URL,
      {
        config,
        schema: {
          summary: "Allow an application entity to send by C-STORE",
          tags,
          body: NewEntitySchema,
          response: { 201: EntitySchema },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenant = principal.tenant, host = null, port = null } = request.body;
        const scope = scopeOf(request);
        const models = modelsWithin(scope, request.body.models ?? null);
        if (tenant !== principal.tenant && principal.tenant !== HOME_TENANT) {
          throw new AxialError("forbidden", { detail: "another tenant's application entities" });
        }
        if ((host === null) !== (port === null)) {
          throw new AxialError("invalid-request", { detail: "host and port belong together" });
        }
        const { newerInstance = null, tls = null } = request.body;
        if (tls !== null && host === null) {
          throw new AxialError("invalid-request", { detail: "tls needs a host and a port" });
        }
        for (const id of models ?? []) await catalogue.demand(id);
        const { calledTitle, callingTitle = null } = request.body;
        demandAeTitle(scope, calledTitle);
        const lane = laneWithin(scope, request.body.lane ?? null) ?? "routine";
        const close_on_release = request.body.closeOnRelease ?? false;
        const titles = { called_title: calledTitle, calling_title: callingTitle };
        const made = await createApplicationEntity(
          db,
          {
            ...{ tenant_id: tenant, ...titles, lane, close_on_release, host, port },
            models: models === null ? null : [...models],
            ...{ newer_instance: newerInstance, tls },
          },
          principal,
        );
        if (made === null) {
          throw new AxialError("conflict", { detail: "these titles have an entry already" });
        }
        return reply.code(201).send(entityView(made));
      },
    );

    const list = Type.Object({ applicationEntities: Type.Array(EntitySchema) });
    server.get(
      URL,
      {
        config,
        schema: {
          summary: "List the tenant's application entities",
          tags,
          response: { 200: list },
        },
      },
      async (request) => ({
        applicationEntities: (await listApplicationEntities(db, principalOf(request).tenant)).map(
          entityView,
        ),
      }),
    );

    const params = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{32}$" }) });
    server.delete(
      `${URL}/:id`,
      { config, schema: { summary: "Remove an application entity", tags, params } },
      async (request, reply) => {
        const principal = principalOf(request);
        const { aeTitles } = scopeOf(request);
        const which = { tenant: principal.tenant, id: request.params.id, titles: aeTitles };
        if (!(await deleteApplicationEntity(db, which, principal))) {
          throw new AxialError("not-found", { detail: "no such application entity" });
        }
        return reply.code(204).send();
      },
    );
  };
}

function entityView(row: ApplicationEntityRow) {
  return {
    id: row.id,
    tenant: row.tenant_id,
    calledTitle: row.called_title,
    callingTitle: row.calling_title,
    lane: row.lane,
    models: row.models,
    closeOnRelease: row.close_on_release,
    host: row.host,
    port: row.port,
    newerInstance: row.newer_instance,
    tls: row.tls === null ? null : withoutSecrets(row.tls),
    createdAt: row.created_at.toISOString(),
  };
}
