import {
  AxialError,
  type DestinationKind,
  DestinationPatchSchema,
  type DestinationView,
  DestinationViewSchema,
  FORMATS_OF,
  type NewDestination,
  NewDestinationSchema,
  type ResultFormat,
  withoutSecrets,
} from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { type AddressGuard, acceptedHost, acceptedUrl } from "@axial/kit/network";
import {
  changeDestination,
  createDestination,
  type DestinationState,
  deleteDestination,
  listDestinations,
  replayDead,
} from "@axial/store/delivery";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { newWebhookSecret } from "../delivery/standard-webhooks.ts";
import type { Dependencies } from "../dependencies.ts";
import { type ApiServer, Nullable } from "./common.ts";

/** Destinations of one tenant; each is asked about every study. */
const MAX_DESTINATIONS = 50;

const config = { role: "admin" } as const;
const URL = "/api/v1/destinations";
const Params = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{32}$" }) });

/** `/api/v1/destinations`: where a tenant's results go. */
export function destinationRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    createRoute(server, dependencies);
    listRoute(server, dependencies);
    changeRoute(server, dependencies);
    deleteRoute(server, dependencies);
    replayRoute(server, dependencies);
  };
}

function createRoute(server: ApiServer, { db, guard, destinationFolder }: Dependencies): void {
  server.post(
    URL,
    {
      config,
      schema: {
        summary: "Create a destination; a webhook's secret is returned once",
        body: NewDestinationSchema,
        response: { 201: Type.Object({ id: Type.String(), secret: Nullable(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenant } = principal;
      const { name, formats, when, syntheticModels, paused, ...target } = request.body;
      assertReachable(request.body, guard);
      if (target.kind === "folder" && destinationFolder === null) {
        const detail = "folders are off: the operator has not set AXIAL_DESTINATION_FOLDER";
        throw new AxialError("invalid-request", { detail });
      }
      if ((await listDestinations(db, tenant)).length >= MAX_DESTINATIONS) {
        const detail = `a tenant has ${MAX_DESTINATIONS} destinations at most`;
        throw new AxialError("conflict", { detail });
      }
      const secret = target.kind === "webhook" ? newWebhookSecret() : null;
      const made = await createDestination(
        db,
        {
          ...{ tenant, name, kind: target.kind, target, secret, paused: paused ?? false },
          formats: acceptedFormats(target.kind, formats),
          filter: when ?? {},
          syntheticModels: syntheticModels ?? [],
        },
        principal,
      );
      if (made === null) {
        throw new AxialError("conflict", { detail: "a destination has that name already" });
      }
      return reply.code(201).send({ id: made.id, secret });
    },
  );
}

function listRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    URL,
    {
      config: { role: "operator" },
      schema: {
        summary: "List the tenant's destinations, without their secrets",
        response: { 200: Type.Object({ destinations: Type.Array(DestinationViewSchema) }) },
      },
    },
    async (request) => {
      const rows = await listDestinations(db, principalOf(request).tenant);
      return { destinations: rows.map(destinationView) };
    },
  );
}

function changeRoute(server: ApiServer, { db }: Dependencies): void {
  server.patch(
    `${URL}/:id`,
    {
      config,
      schema: {
        summary: "Change what a destination gets, or pause it",
        params: Params,
        body: DestinationPatchSchema,
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenant } = principal;
      const { id } = request.params;
      const { formats, when, ...change } = request.body;
      const rows = await listDestinations(db, tenant);
      const present = rows.find((row) => row.id === id);
      if (present === undefined) throw noSuchDestination();
      await changeDestination(
        db,
        {
          ...{ tenant, id, ...change, filter: when },
          formats: formats === undefined ? undefined : acceptedFormats(present.kind, formats),
        },
        principal,
      );
      return reply.code(204).send();
    },
  );
}

function deleteRoute(server: ApiServer, { db }: Dependencies): void {
  server.delete(
    `${URL}/:id`,
    { config, schema: { summary: "Remove a destination with its deliveries", params: Params } },
    async (request, reply) => {
      const principal = principalOf(request);
      const which = { tenant: principal.tenant, id: request.params.id };
      if (!(await deleteDestination(db, which, principal))) throw noSuchDestination();
      return reply.code(204).send();
    },
  );
}

function replayRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    `${URL}/:id/replay`,
    {
      config: { role: "operator" },
      schema: {
        summary: "Send the dead deliveries of a destination again",
        params: Params,
        response: { 202: Type.Object({ replayed: Type.Integer() }) },
      },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const replayed = await replayDead(db, tenant, request.params.id);
      return reply.code(202).send({ replayed });
    },
  );
}

function noSuchDestination(): AxialError {
  return new AxialError("not-found", { detail: "no such destination" });
}

/** The formats of a destination: those that its kind can send, the usual ones unless told. */
function acceptedFormats(
  kind: DestinationKind,
  wanted: readonly ResultFormat[] | undefined,
): readonly ResultFormat[] {
  const { possible, usual } = FORMATS_OF[kind];
  const wrong = wanted?.find((format) => !possible.includes(format));
  if (wrong !== undefined) {
    throw new AxialError("invalid-request", { detail: `${kind} does not send ${wrong}` });
  }
  return wanted ?? usual;
}

/** Refuses addresses that no delivery could reach; names are looked up when something is sent. */
function assertReachable(destination: NewDestination, guard: AddressGuard): void {
  if ("url" in destination) acceptedUrl(destination.url, guard);
  if ("oauth" in destination && destination.oauth) acceptedUrl(destination.oauth.tokenUrl, guard);
  if ("host" in destination) acceptedHost(destination.host, guard);
}

function destinationView(row: DestinationState): DestinationView {
  const { kind: _kind, ...target } = withoutSecrets(row.target);
  return {
    ...{ id: row.id, name: row.name, kind: row.kind, target, formats: row.formats },
    ...{ when: row.filter, syntheticModels: row.synthetic_models, paused: row.paused },
    ...{ pending: row.pending, dead: row.dead },
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
