import {
  AxialError,
  HOME_TENANT,
  parseAs,
  roleAllows,
  type TenantId,
  TenantIdSchema,
} from "@axial/contracts";
import type { FastifyInstance, FastifyRequest, FastifySchema } from "fastify";
import { type TObject, Type } from "typebox";
import { clientAddress, type RecordAccess } from "./access.ts";
import type { Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Admins of the home tenant may call it for another tenant, named by `Axial-Tenant`. */
    forTenants?: boolean;
  }
}

const TENANT_HEADER = "axial-tenant";
const ActingHeaders = Type.Object({ [TENANT_HEADER]: TenantIdSchema });

interface ActingOptions {
  /** Without it no request acts for another tenant. */
  readonly hasTenant?: ((tenant: TenantId) => Promise<boolean>) | undefined;
  /** Where refused attempts are recorded. */
  readonly audit?: RecordAccess | undefined;
}

/**
 * Requests with `Axial-Tenant` act for that tenant: what they start, change and store belongs to it,
 * and its audit has them under the key that was used. Only admins of the home tenant may do this, who
 * can make keys for any tenant, and only on routes with `forTenants`: others refuse the header with
 * `invalid-request`. Quotas of requests are those of the key's own tenant.
 */
export function registerActingTenant(server: FastifyInstance, options: ActingOptions): void {
  const { hasTenant = async () => false, audit } = options;
  server.addHook("onRoute", (route) => {
    if (route.config?.forTenants === true) route.schema = withHeader(route.schema ?? {});
  });
  server.addHook("onRequest", async (request) => {
    const named = request.headers[TENANT_HEADER];
    const { principal } = request;
    if (named === undefined || principal === null || named === principal.tenant) return;
    if (!mayAct(principal)) {
      await audit?.(refusedActing(request, principal));
      throw new AxialError("forbidden", { detail: "the key is one of another tenant" });
    }
    if (request.routeOptions.config.forTenants !== true) {
      throw new AxialError("invalid-request", { detail: "it takes no Axial-Tenant" });
    }
    const { [TENANT_HEADER]: tenant } = parseAs(ActingHeaders, { [TENANT_HEADER]: named });
    if (!(await hasTenant(tenant))) throw new AxialError("not-found", { detail: "no such tenant" });
    request.principal = { ...principal, tenant };
  });
}

function mayAct({ tenant, role }: Principal): boolean {
  return tenant === HOME_TENANT && roleAllows(role, "admin");
}

function refusedActing(request: FastifyRequest, { tenant, keyId }: Principal) {
  const detail = { route: `${request.method} ${request.routeOptions.url ?? ""}` };
  const by = { tenant, keyId, address: clientAddress(request) };
  return { ...by, action: "access", outcome: "refused", detail } as const;
}

function withHeader(schema: FastifySchema): FastifySchema {
  const own = (schema.headers as TObject | undefined)?.properties ?? {};
  const header = Type.Optional(
    Type.String({ ...TenantIdSchema, description: "act for it; for admins of `default`" }),
  );
  return { ...schema, headers: Type.Object({ ...own, [TENANT_HEADER]: header }) };
}
