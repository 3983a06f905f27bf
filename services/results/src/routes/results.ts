import { Readable } from "node:stream";
import { EvidenceSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { type ResultRow, type ResultSearch, searchResults } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { type ResultItem, ResultItemSchema, resultItem } from "../views/result-item.ts";
import { resultLines } from "../views/result-lines.ts";
import {
  CursorSchema,
  LimitSchema,
  MAX_PAGE,
  Nullable,
  nextCursor,
  StudyUidSchema,
  TimestampSchema,
} from "./common.ts";

const ModelText = Type.String({ maxLength: 63 });

const QuerySchema = Type.Object({
  model: Type.Optional(ModelText),
  version: Type.Optional(ModelText),
  label: Type.Optional(Type.String({ maxLength: 128 })),
  study: Type.Optional(StudyUidSchema),
  evidence: Type.Optional(EvidenceSchema),
  minProbability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  from: Type.Optional(TimestampSchema),
  to: Type.Optional(TimestampSchema),
  superseded: Type.Boolean({
    default: false,
    description: "also include results that a newer run of their study superseded",
  }),
  format: Type.Optional(Type.Enum(["json", "ndjson", "csv"])),
  cursor: Type.Optional(CursorSchema),
  limit: LimitSchema,
});

/** Media types of a whole, streamed search, by format. */
const STREAMED = { ndjson: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

/** `GET /api/v1/results`: pages as JSON, or every result of the search as NDJSON or CSV. */
export function resultRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const searchPages = (search: ResultSearch) => pages(search, (page) => searchResults(db, page));
    server.get(
      "/api/v1/results",
      {
        config: { role: "reader", audit: "result.search" },
        schema: {
          summary:
            "Search results, newest first; NDJSON and CSV are streamed in full, without pages",
          querystring: QuerySchema,
          response: {
            200: Type.Object({
              results: Type.Array(ResultItemSchema),
              next: Nullable(CursorSchema),
            }),
          },
        },
      },
      async (request, reply) => {
        const { limit } = request.query;
        const search = toSearch(request.query, principalOf(request).tenant);
        const format = request.query.format ?? acceptedFormat(request.headers.accept);
        if (format !== "json") {
          const lines = resultLines(format, searchPages({ ...search, limit: MAX_PAGE }));
          reply.type(STREAMED[format]).serializer((payload: unknown) => payload as string);
          return reply.send(Readable.from(lines) as never);
        }
        const rows = await searchResults(db, search);
        return { results: rows.map(resultItem), next: nextCursor(rows, limit) };
      },
    );
  };
}

function toSearch(query: Static<typeof QuerySchema>, tenant: ResultSearch["tenant"]): ResultSearch {
  const { cursor, from, to, format: _format, ...rest } = query;
  return {
    ...rest,
    tenant,
    ...(cursor === undefined ? {} : { after: cursor }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}

function acceptedFormat(accept = ""): "json" | "ndjson" | "csv" {
  if (/\bapplication\/x-ndjson\b/i.test(accept)) return "ndjson";
  return /\btext\/csv\b/i.test(accept) ? "csv" : "json";
}

async function* pages(
  search: ResultSearch,
  read: (page: ResultSearch) => Promise<ResultRow[]>,
): AsyncGenerator<ResultItem[]> {
  for (let after = search.after; ; ) {
    const rows = await read(after === undefined ? search : { ...search, after });
    yield rows.map(resultItem);
    const next = nextCursor(rows, search.limit);
    if (next === null) return;
    after = next;
  }
}
