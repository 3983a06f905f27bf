import { AxialError, HOME_TENANT, type TenantId, TenantIdSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { readTenantUsage } from "@axial/store/quotas";
import { changeTenant, createTenant, readTenants } from "@axial/store/tenants";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { demandHome, strictly } from "./common.ts";
import { SettingsSchema, tenantView, toColumns } from "./tenant-settings.ts";

const TenantSchema = Type.Object({
  id: Type.String(),
  createdAt: Type.String({ format: "date-time" }),
  ...SettingsSchema.properties,
});
const UsageSchema = Type.Object(
  {
    storedBytes: Type.Number(),
    storedInstances: Type.Number(),
    pendingTasks: Type.Number(),
    keys: Type.Number({ description: "that are valid" }),
    requestsThisMinute: Type.Number(),
  },
  { description: "what the tenant uses of its quotas" },
);
const ShownTenant = Type.Object({ ...TenantSchema.properties, usage: UsageSchema });
const Changes = Type.Partial(SettingsSchema, { additionalProperties: false });
const NewTenant = Type.Object(
  { id: TenantIdSchema, ...Changes.properties },
  { additionalProperties: false },
);
const Params = Type.Object({ id: TenantIdSchema });

const PATH = "/api/v1/tenants";
const tags = ["tenants"];
const config = { role: "admin" } as const;

/**
 * `/api/v1/tenants`: shares, limits, pause and retention. Admins of the home tenant see and change
 * all of them; those of another tenant see their own.
 */
export function tenantRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  const show = async (id: TenantId) => {
    const [row] = await readTenants(db, id);
    if (row === undefined) throw new AxialError("not-found", { detail: "no such tenant" });
    return { ...tenantView(row), usage: await readTenantUsage(db, id) };
  };
  return async (server) => {
    const list = Type.Object({ tenants: Type.Array(TenantSchema) });
    server.get(
      PATH,
      {
        config,
        schema: { summary: "List tenants with their settings", tags, response: { 200: list } },
      },
      async (request) => {
        const { tenant } = principalOf(request);
        const rows = await readTenants(db, tenant === HOME_TENANT ? undefined : tenant);
        return { tenants: rows.map(tenantView) };
      },
    );

    const showSchema = { summary: "Get a tenant", tags, params: Params };
    server.get(
      `${PATH}/:id`,
      { config, schema: { ...showSchema, response: { 200: ShownTenant } } },
      (request) => {
        const { tenant } = principalOf(request);
        const hidden = tenant !== HOME_TENANT && tenant !== request.params.id;
        if (hidden) throw new AxialError("not-found", { detail: "no such tenant" });
        return show(request.params.id);
      },
    );

    const createSchema = { summary: "Create a tenant", tags, body: NewTenant };
    server.post(
      PATH,
      {
        config,
        schema: { ...createSchema, response: { 201: ShownTenant } },
        validatorCompiler: strictly,
      },
      async (request, reply) => {
        const principal = demandHome(principalOf(request));
        const { id, ...settings } = request.body;
        const tenant = { id, settings: toColumns(settings) };
        if (!(await createTenant(db, tenant, principal))) {
          throw new AxialError("conflict", { detail: "there is such a tenant already" });
        }
        return reply.code(201).send(await show(id));
      },
    );

    const patchSchema = { summary: "Change a tenant", tags, params: Params, body: Changes };
    server.patch(
      `${PATH}/:id`,
      {
        config,
        schema: { ...patchSchema, response: { 200: ShownTenant } },
        validatorCompiler: strictly,
      },
      async (request) => {
        const principal = demandHome(principalOf(request));
        const { id } = request.params;
        const settings = toColumns(request.body);
        if (Object.keys(settings).length === 0) return show(id);
        await changeTenant(db, { id, settings }, principal);
        return show(id);
      },
    );
  };
}
