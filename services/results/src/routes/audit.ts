import { Readable } from "node:stream";
import { AxialError, HOME_TENANT, TenantIdSchema } from "@axial/contracts";
import { type Principal, principalOf } from "@axial/kit";
import { type AuditRow, type AuditSearch, searchAudit } from "@axial/store/audit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { auditEventOf } from "../render/fhir/audit-event.ts";
import { AuditItemSchema, auditItem } from "../views/audit-item.ts";
import {
  LimitSchema,
  MAX_PAGE,
  Nullable,
  nextCursor,
  StudyUidSchema,
  TimestampSchema,
} from "./common.ts";

/** The number of an entry: fits a bigint. */
const EntrySchema = Type.String({ pattern: "^[1-9][0-9]{0,17}$" });

const QuerySchema = Type.Object({
  tenant: Type.Optional(TenantIdSchema),
  action: Type.Optional(Type.String({ pattern: "^[a-z][a-z.-]{0,62}$" })),
  outcome: Type.Optional(Type.Enum(["success", "refused"])),
  key: Type.Optional(Type.String({ pattern: "^[!-~]{1,256}$" })),
  study: Type.Optional(StudyUidSchema),
  from: Type.Optional(TimestampSchema),
  to: Type.Optional(TimestampSchema),
  format: Type.Optional(Type.Enum(["json", "ndjson", "fhir"])),
  cursor: Type.Optional(EntrySchema),
  limit: LimitSchema,
});

/** Media types of a whole, streamed export, and how it writes an entry. */
const EXPORTS = {
  ndjson: { type: "application/x-ndjson", write: auditItem },
  fhir: { type: "application/fhir+ndjson", write: auditEventOf },
} as const;

/** `GET /api/v1/audit`: pages as JSON, or all that the search finds as NDJSON or FHIR AuditEvents. */
export function auditRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/audit",
      {
        config: { role: "admin", audit: "audit.read" },
        schema: {
          summary: "The audit, newest first; NDJSON and FHIR AuditEvents are streamed whole",
          tags: ["audit"],
          querystring: QuerySchema,
          response: {
            200: Type.Object({
              entries: Type.Array(AuditItemSchema),
              next: Nullable(EntrySchema),
            }),
          },
        },
      },
      async (request, reply) => {
        const search = toSearch(request.query, principalOf(request));
        const format = request.query.format ?? acceptedFormat(request.headers.accept);
        if (format !== "json") {
          const { type, write } = EXPORTS[format];
          const pages = (page: AuditSearch) => searchAudit(db, page);
          reply.type(type).serializer((payload: unknown) => payload as string);
          return reply.send(Readable.from(lines(search, pages, write)) as never);
        }
        const rows = await searchAudit(db, search);
        return { entries: rows.map(auditItem), next: nextCursor(rows, search.limit) };
      },
    );
  };
}

function toSearch(query: Static<typeof QuerySchema>, { tenant }: Principal): AuditSearch {
  const { cursor, from, to, tenant: asked = tenant, format: _format, ...rest } = query;
  if (asked !== tenant && tenant !== HOME_TENANT) {
    throw new AxialError("forbidden", { detail: "the audit of another tenant" });
  }
  return {
    ...rest,
    tenant: asked as AuditSearch["tenant"],
    after: cursor,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

function acceptedFormat(accept = ""): "json" | keyof typeof EXPORTS {
  if (/\bapplication\/fhir\+(nd)?json\b/i.test(accept)) return "fhir";
  return /\bapplication\/x-ndjson\b/i.test(accept) ? "ndjson" : "json";
}

async function* lines(
  search: AuditSearch,
  read: (page: AuditSearch) => Promise<AuditRow[]>,
  write: (row: AuditRow) => object,
): AsyncGenerator<string> {
  for (let after = search.after; ; ) {
    const rows = await read({ ...search, after, limit: MAX_PAGE });
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(write(row))}\n`).join("");
    const next = nextCursor(rows, MAX_PAGE);
    if (next === null) return;
    after = next;
  }
}
