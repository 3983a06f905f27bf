import {
  AeTitleSchema,
  AxialError,
  HOME_TENANT,
  type KeyScope,
  LaneSchema,
  newApiKey,
  newId,
  RoleSchema,
  scopeWithin,
  TenantIdSchema,
} from "@axial/contracts";
import { principalOf, scopeOf } from "@axial/kit";
import {
  type ApiKeyRow,
  createApiKey,
  hashApiKey,
  listApiKeys,
  revokeApiKey,
} from "@axial/store/keys";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type TSchema, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";

const KeySchema = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  createdAt: Type.String({ format: "date-time" }),
  revokedAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  expiresAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  lanes: Type.Union([Type.Array(Type.String()), Type.Null()]),
  models: Type.Union([Type.Array(Type.String()), Type.Null()]),
  aeTitles: Type.Union([Type.Array(Type.String()), Type.Null()]),
});

const ReasonSchema = Type.String({ minLength: 1, maxLength: 1_000, description: "for the audit" });

const NewKeySchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  role: RoleSchema,
  tenant: Type.Optional(TenantIdSchema),
  reason: Type.Optional(ReasonSchema),
  expiresAt: Type.Optional(
    Type.String({ format: "date-time", description: "from then on it opens nothing" }),
  ),
  lanes: scopeOfKey(LaneSchema, "may send to these alone; the first is its default"),
  models: scopeOfKey(Type.String({ maxLength: 63 }), "may ask these alone"),
  aeTitles: scopeOfKey(
    AeTitleSchema,
    "may set up application entities of these called titles alone",
  ),
});

function scopeOfKey<T extends TSchema>(schema: T, description: string) {
  return Type.Optional(Type.Array(schema, { minItems: 1, maxItems: 64, description }));
}

const tags = ["keys"];
const config = { role: "admin" } as const;

/** `/api/v1/keys`: keys are shown once, when they are made, and stored as hashes. */
export function keyRoutes({ db, metrics }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const created = Type.Intersect([KeySchema, Type.Object({ key: Type.String() })]);
    const postSchema = { summary: "Create an API key", tags, body: NewKeySchema };
    server.post(
      "/api/v1/keys",
      { config, schema: { ...postSchema, response: { 201: created } } },
      async (request, reply) => {
        const principal = principalOf(request);
        const { name, role, reason, tenant = principal.tenant } = request.body;
        if (tenant !== principal.tenant && principal.tenant !== HOME_TENANT) {
          throw new AxialError("forbidden", {
            detail: "keys of other tenants are not yours to make",
          });
        }
        const { lanes, models, aeTitles, expiresAt } = request.body;
        const scope = scopeWithin(scopeOf(request), { lanes, models, aeTitles });
        const key = newApiKey();
        const expires = expiryOf(expiresAt);
        const row = { id: newId(), tenant, name, role };
        const made = await createApiKey(
          db,
          { ...row, ...{ reason, scope, expiresAt: expires }, hash: hashApiKey(key) },
          principal,
        );
        if (made === "no-tenant") throw new AxialError("not-found", { detail: "no such tenant" });
        if (made === "quota-exceeded") {
          metrics.quotaRefused.inc({ quota: "keys" });
          throw new AxialError("quota-exceeded", { detail: "revoke keys, or raise maxKeys" });
        }
        const createdAt = new Date().toISOString();
        const limits = { expiresAt: expires?.toISOString() ?? null, ...scopeView(scope) };
        return reply.code(201).send({ ...row, ...limits, createdAt, revokedAt: null, key });
      },
    );

    const listSchema = { summary: "List the tenant's API keys", tags };
    const list = Type.Object({ keys: Type.Array(KeySchema) });
    server.get(
      "/api/v1/keys",
      { config, schema: { ...listSchema, response: { 200: list } } },
      async (request) => ({
        keys: (await listApiKeys(db, principalOf(request).tenant)).map(keyView),
      }),
    );

    const params = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{32}$" }) });
    const querystring = Type.Object({ reason: Type.Optional(ReasonSchema) });
    server.delete(
      "/api/v1/keys/:id",
      { config, schema: { summary: "Revoke an API key", tags, params, querystring } },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenant } = principal;
        const key = { tenant, id: request.params.id, reason: request.query.reason };
        if (!(await revokeApiKey(db, key, principal))) {
          throw new AxialError("not-found", { detail: "no such key" });
        }
        return reply.code(204).send();
      },
    );
  };
}

function keyView(row: ApiKeyRow) {
  return {
    id: row.id,
    tenant: row.tenant_id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lanes: row.lanes,
    models: row.models,
    aeTitles: row.ae_titles,
  };
}

function scopeView({ lanes, models, aeTitles }: KeyScope) {
  return {
    lanes: lanes && [...lanes],
    models: models && [...models],
    aeTitles: aeTitles && [...aeTitles],
  };
}

/** Throws `invalid-request` for a time that has passed. */
function expiryOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (time.getTime() > Date.now()) return time;
  throw new AxialError("invalid-request", { detail: "expiresAt has passed" });
}
