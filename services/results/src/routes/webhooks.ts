import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import { createWebhook, deleteWebhook, listWebhooks } from "@axial/store/delivery";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { AddressGuard } from "../delivery/address-guard.ts";
import type { Dependencies } from "../dependencies.ts";
import { type ApiServer, TimestampSchema } from "./common.ts";

/** Webhooks of one tenant; each gets every study. */
const MAX_WEBHOOKS = 10;

const WebhookSchema = Type.Object({
  id: Type.String(),
  url: Type.String(),
  createdAt: TimestampSchema,
});

const config = { role: "admin" } as const;

/** The addresses notified when a study is complete. */
export function webhookRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    createRoute(server, dependencies);
    listRoute(server, dependencies);
    deleteRoute(server, dependencies);
  };
}

function createRoute(server: ApiServer, { db, guard }: Dependencies): void {
  server.post(
    "/api/v1/webhooks",
    {
      config,
      schema: {
        summary: "Post completed studies to an address; the secret is shown only once",
        body: Type.Object({ url: Type.String({ maxLength: 2_048 }) }),
        response: { 201: Type.Object({ id: Type.String(), secret: Type.String() }) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenant } = principal;
      const url = acceptedUrl(request.body.url, guard);
      if ((await listWebhooks(db, tenant)).length >= MAX_WEBHOOKS) {
        throw new AxialError("conflict", {
          detail: `a tenant has ${MAX_WEBHOOKS} webhooks at most`,
        });
      }
      const secret = randomBytes(32).toString("base64url");
      const id = await createWebhook(db, { tenant, url, secret });
      await writeAudit(db, { principal, action: "webhook.create", target: id });
      return reply.code(201).send({ id, secret });
    },
  );
}

function listRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    "/api/v1/webhooks",
    {
      config,
      schema: {
        summary: "List the tenant's webhooks",
        response: { 200: Type.Object({ webhooks: Type.Array(WebhookSchema) }) },
      },
    },
    async (request) => {
      const rows = await listWebhooks(db, principalOf(request).tenant);
      const webhooks = rows.map(({ id, url, created_at }) => ({
        id,
        url,
        createdAt: created_at.toISOString(),
      }));
      return { webhooks };
    },
  );
}

function deleteRoute(server: ApiServer, { db }: Dependencies): void {
  server.delete(
    "/api/v1/webhooks/:id",
    {
      config,
      schema: { summary: "Remove a webhook", params: Type.Object({ id: Type.String() }) },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      if (!(await deleteWebhook(db, principal.tenant, id))) {
        throw new AxialError("not-found", { detail: "no such webhook" });
      }
      await writeAudit(db, { principal, action: "webhook.delete", target: id });
      return reply.code(204).send();
    },
  );
}

/** HTTPS to anywhere that the guard lets through; plain HTTP only to an allowed address. */
function acceptedUrl(text: string, guard: AddressGuard): string {
  const url = URL.parse(text);
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isPlain = url?.protocol === "http:" && guard.isAllowed(host);
  if (url === null || (url.protocol !== "https:" && !isPlain)) {
    throw new AxialError("invalid-request", { detail: "the address must begin with https://" });
  }
  if (url.username !== "" || url.password !== "" || (isIP(host) !== 0 && !guard.mayReach(host))) {
    throw new AxialError("invalid-request", { detail: "the address may not be reached" });
  }
  return url.href;
}
