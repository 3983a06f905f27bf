import {
  AxialError,
  DRIFT_FROM_RESULTS,
  ModelReferenceSchema,
  QUALITY_FIGURES,
} from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import { readQualityCounts, writeReference } from "@axial/store/quality";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { referenceOf } from "../quality/drift.ts";
import { lastDays, readAgreements, readSources, type Source } from "../quality/model-quality.ts";
import { type ApiServer, demandHome, Nullable, TimestampSchema } from "./common.ts";

const MAX_DAYS = 365;
/** Sources whose results make a reference. */
const MAX_SOURCES = 1_000;

const ShareSchema = Nullable(
  Type.Object({
    value: Type.Number(),
    lower: Type.Number({ description: "of the 95 % interval" }),
    upper: Type.Number(),
    of: Type.Integer(),
  }),
);
const FigureSchema = Type.Enum(Object.keys(QUALITY_FIGURES));

const SourceSchema = Type.Object({
  model: Type.String(),
  version: Type.String(),
  site: Type.String({ description: "InstitutionName, in capitals" }),
  scanner: Type.String({ description: "manufacturer and model, in capitals" }),
  siteId: Type.String({ description: "as metrics name it" }),
  scannerId: Type.String(),
  results: Type.Integer(),
  hasReference: Type.Boolean(),
  drift: Type.Array(
    Type.Object({
      figure: FigureSchema,
      psi: Type.Number({ description: "population stability index" }),
      ks: Type.Number({ description: "Kolmogorov-Smirnov distance" }),
      results: Type.Integer(),
    }),
  ),
  shares: Type.Object({
    "out-of-domain": ShareSchema,
    indeterminate: ShareSchema,
    refused: ShareSchema,
  }),
});

const AgreementProperties = {
  verdicts: Type.Integer(),
  agreement: ShareSchema,
  kappa: ShareSchema,
  labels: Type.Array(
    Type.Object({ label: Type.String(), sensitivity: ShareSchema, specificity: ShareSchema }),
  ),
  calibrationError: ShareSchema,
};

const QualitySchema = Type.Object(
  {
    from: TimestampSchema,
    to: TimestampSchema,
    sources: Type.Array(SourceSchema),
    feedback: Type.Array(
      Type.Object({
        model: Type.String(),
        version: Type.String(),
        ...AgreementProperties,
        sources: Type.Array(
          Type.Object({ site: Type.String(), scanner: Type.String(), ...AgreementProperties }),
          { description: "by site and scanner, those with most verdicts first" },
        ),
        weeks: Type.Array(Type.Object({ week: TimestampSchema, ...AgreementProperties })),
      }),
    ),
  },
  { title: "Quality" },
);

const Days = (standard: number) =>
  Type.Integer({ minimum: 1, maximum: MAX_DAYS, default: standard });

/** How models do in production: drift by site and scanner, and what readers say. */
export function qualityRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    readRoute(server, dependencies);
    referenceRoute(server, dependencies);
  };
}

function readRoute(server: ApiServer, dependencies: Dependencies): void {
  server.get(
    "/api/v1/quality",
    {
      config: { role: "reader" },
      schema: {
        summary: "Get drift by model, site and scanner, and agreement with readers",
        tags: ["quality"],
        querystring: Type.Object({ days: Days(7) }),
        response: { 200: QualitySchema },
      },
    },
    async (request) => {
      const period = { tenant: principalOf(request).tenant, ...lastDays(request.query.days) };
      const [sources, feedback] = await Promise.all([
        readSources(dependencies, period),
        readAgreements(dependencies, period),
      ]);
      return {
        from: period.from.toISOString(),
        to: period.to.toISOString(),
        sources: sources.map(sourceItem),
        feedback: feedback.map((of) => ({
          ...of,
          labels: [...of.labels],
          sources: of.sources.map((one) => ({ ...one, labels: [...one.labels] })),
          weeks: of.weeks.map((one) => ({
            ...one,
            labels: [...one.labels],
            week: one.week.toISOString(),
          })),
        })),
      };
    },
  );
}

function sourceItem(source: Source): Static<typeof SourceSchema> {
  const { model, version, site, scanner, siteId, scannerId, results, hasReference } = source;
  const { drift, shares } = source;
  return {
    ...{ model, version, site, scanner, siteId, scannerId, results, hasReference },
    drift: [...drift],
    shares,
  };
}

function referenceRoute(server: ApiServer, { db, models }: Dependencies): void {
  server.put(
    "/api/v1/quality/:model/:version/reference",
    {
      config: { role: "admin" },
      schema: {
        summary: "Take the results of the last days as what drift is measured against",
        tags: ["quality"],
        params: Type.Object({
          model: Type.String({ maxLength: 63 }),
          version: Type.String({ maxLength: 31 }),
        }),
        body: Type.Object({ days: Days(30) }),
        response: { 200: ModelReferenceSchema },
      },
    },
    async (request) => {
      const principal = demandHome(principalOf(request));
      const { model, version } = request.params;
      if ((await models.find(model, version)) === undefined)
        throw new AxialError("model-not-found");
      const period = { tenant: null, ...lastDays(request.body.days), limit: MAX_SOURCES };
      const counts = (await readQualityCounts(db, period)).filter(
        (source) => source.model === model && source.version === version,
      );
      const day = (date: Date) => date.toISOString().slice(0, 10);
      const words = `this installation's results, ${day(period.from)} to ${day(period.to)}`;
      const reference = referenceOf(counts, words);
      if (reference === null) {
        const detail = `fewer than ${DRIFT_FROM_RESULTS} results in these days`;
        throw new AxialError("conflict", { detail });
      }
      await db.transaction().execute(async (trx) => {
        await writeReference(trx, { model, version, reference });
        const detail = { model, version, results: String(reference.results) };
        await writeAudit(trx, { principal, action: "quality.reference", detail });
      });
      return reference;
    },
  );
}
