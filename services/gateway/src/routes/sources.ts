import {
  AxialError,
  type NewSource,
  NewSourceSchema,
  type SourceView,
  SourceViewSchema,
  withoutSecrets,
} from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { type AddressGuard, acceptedHost, acceptedUrl } from "@axial/kit/network";
import {
  createSource,
  deleteSource,
  findSource,
  listSources,
  type SourceState,
} from "@axial/store/sources";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { openSource } from "../sources/open-source.ts";

const URL = "/api/v1/sources";
const tags = ["sources"];
const params = Type.Object({ source: Type.String({ minLength: 1, maxLength: 63 }) });

/** Sources of one tenant; a hospital has an archive or two, and a vendor-neutral one. */
const MAX_SOURCES = 50;
/** Studies that are pulled from a source at once unless told. */
const PARALLEL = 2;
const CHECK_TIMEOUT_MS = 30_000;

/** `/api/v1/sources`: the archives that a tenant pulls studies from. */
export function sourceRoutes({ db, guard }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      URL,
      {
        config: { role: "admin" },
        schema: {
          summary: "Create a source, an archive that studies are pulled from",
          tags,
          body: NewSourceSchema,
          response: { 201: SourceViewSchema },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenant } = principal;
        const { name, parallel = PARALLEL, ...target } = request.body;
        assertReachable(request.body, guard);
        if ((await listSources(db, tenant)).length >= MAX_SOURCES) {
          throw new AxialError("conflict", {
            detail: `a tenant has ${MAX_SOURCES} sources at most`,
          });
        }
        const source = { tenant, name, kind: target.kind, target, parallel };
        const made = await createSource(db, source, principal);
        if (made === null) {
          throw new AxialError("conflict", { detail: "a source has that name already" });
        }
        return reply.code(201).send(sourceView({ ...made, waiting: 0, failed: 0 }));
      },
    );

    server.get(
      URL,
      {
        config: { role: "operator" },
        schema: {
          summary: "List the tenant's sources, without their secrets",
          tags,
          response: { 200: Type.Object({ sources: Type.Array(SourceViewSchema) }) },
        },
      },
      async (request) => ({
        sources: (await listSources(db, principalOf(request).tenant)).map(sourceView),
      }),
    );

    server.post(
      `${URL}/:source/check`,
      {
        config: { role: "operator" },
        schema: { summary: "Ask a source whether it answers (C-ECHO, QIDO-RS)", tags, params },
      },
      async (request, reply) => {
        const { tenant } = principalOf(request);
        const row = await findSource(db, tenant, request.params.source);
        if (row === null) throw noSuchSource();
        await openSource(row, { guard, signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) }).check();
        return reply.code(204).send();
      },
    );

    server.delete(
      `${URL}/:source`,
      {
        config: { role: "admin" },
        schema: {
          summary: "Remove a source with its pulls; what came from it stays",
          tags,
          params,
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenant } = principal;
        const row = await findSource(db, tenant, request.params.source);
        if (row === null || !(await deleteSource(db, { tenant, id: row.id }, principal))) {
          throw noSuchSource();
        }
        return reply.code(204).send();
      },
    );
  };
}

/** `not-found` for a source that the tenant does not have. */
export function noSuchSource(): AxialError {
  return new AxialError("not-found", { detail: "no such source" });
}

function assertReachable(source: NewSource, guard: AddressGuard): void {
  if (source.kind === "dicomweb") acceptedUrl(source.url, guard);
  else acceptedHost(source.host, guard);
}

function sourceView(row: SourceState): SourceView {
  const { kind: _kind, ...target } = withoutSecrets(row.target);
  return {
    ...{ id: row.id, name: row.name, kind: row.kind, target, parallel: row.parallel },
    ...{ waiting: row.waiting, failed: row.failed, createdAt: row.created_at.toISOString() },
  };
}
