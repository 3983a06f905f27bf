import { AxialError, DICOM_JSON, DICOMWEB } from "@axial/contracts";
import { accepts, baseUrl, principalOf } from "@axial/kit";
import {
  type SearchAttribute,
  type SearchLevel,
  searchArchive,
  searchAttribute,
} from "@axial/store/search";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptOf } from "../accept-of.ts";
import type { Dependencies } from "../dependencies.ts";
import { matchValue } from "../search/match-value.ts";
import { type AttributePath, parseSearch, type RawQuery } from "../search/query-parameters.ts";
import { resultJson } from "../search/result-json.ts";
import { ArchiveParams } from "./params.ts";

/** The resources of PS3.18 Table 10.6.1-2. */
const RESOURCES: readonly (readonly [path: string, level: SearchLevel])[] = [
  ["/studies", "study"],
  ["/studies/:study/series", "series"],
  ["/series", "series"],
  ["/studies/:study/series/:series/instances", "instance"],
  ["/studies/:study/instances", "instance"],
  ["/instances", "instance"],
];

const MORE = "There are additional results that can be requested.";
const UNKNOWN = "Unsupported query parameters were ignored.";

/** QIDO-RS (PS3.18 10.6) over what was received: registered under each DICOMweb prefix. */
export function searchRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const [path, level] of RESOURCES) {
      const schema = {
        summary: `Search ${path} (QIDO-RS)`,
        tags: ["DICOMweb"],
        params: ArchiveParams,
      };
      server.get(
        path,
        { config: { role: "reader", audit: "study.search" }, schema },
        (request, reply) => answerSearch({ db, level }, request, reply),
      );
    }
  };
}

interface Search {
  readonly db: Dependencies["db"];
  readonly level: SearchLevel;
}

async function answerSearch(
  { db, level }: Search,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!accepts(acceptOf(request), [DICOM_JSON, "application/json"])) {
    throw new AxialError("not-acceptable");
  }
  const parameters = parseSearch(request.query as RawQuery);
  const { study, series } = request.params as { study?: string; series?: string };
  const matches = matched(parameters.matches, level);
  const warnings = new Set(parameters.warnings);
  if (matches.ignored) warnings.add(UNKNOWN);
  const { tenant } = principalOf(request);
  const found = await searchArchive(db, {
    ...{ tenant, level, studyUid: study, seriesUid: series },
    conditions: matches.conditions,
    offset: parameters.offset,
    limit: parameters.limit + 1,
  });
  if (found.length > parameters.limit) warnings.add(MORE);
  const base = `${baseUrl(request)}${DICOMWEB}`;
  const include = new Set([...matches.tags, ...parameters.include.map(([tag]) => tag)]);
  const shape = { level, base, include, includeAll: parameters.includeAll };
  const whole = { withStudy: study === undefined, withSeries: series === undefined };
  const results = found
    .slice(0, parameters.limit)
    .map((each) => resultJson(each, { ...shape, ...whole }));
  if (warnings.size > 0) reply.header("warning", [...warnings].map(warning(base)));
  return reply.type(DICOM_JSON).serializer(JSON.stringify).send(results);
}

/** RFC 9111 5.5 as PS3.18 8.3.4 uses it. */
function warning(base: string): (text: string) => string {
  return (text) => `299 ${new URL(base).host} "${text}"`;
}

interface Asked {
  readonly path: AttributePath;
  readonly text: string;
}

/** Conditions on what is kept of this level and those above it; others are ignored. */
function matched(asked: readonly Asked[], level: SearchLevel) {
  const known = asked.flatMap(({ path, text }) => {
    const attribute = searchAttribute(path);
    return attribute && isWithin(attribute, level) ? [{ attribute, path, text }] : [];
  });
  return {
    ignored: known.length < asked.length,
    tags: known.map(({ path: [tag] }) => tag),
    conditions: known.map(({ attribute, text }) =>
      attribute.condition(matchValue(attribute.vr, text)),
    ),
  };
}

const DEPTH: Readonly<Record<SearchLevel, number>> = { study: 0, series: 1, instance: 2 };

function isWithin(attribute: SearchAttribute, level: SearchLevel): boolean {
  return DEPTH[attribute.level] <= DEPTH[level];
}
