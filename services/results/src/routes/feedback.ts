import { AxialError, VerdictSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import {
  type FeedbackRow,
  listFeedback,
  readPatientId,
  writeFeedback,
} from "@axial/store/recording";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { parseFeedbackCsv } from "../quality/feedback-csv.ts";
import { DiagnosticReportSchema, seenInReport } from "../quality/feedback-fhir.ts";
import { recordSeen } from "../quality/verdicts.ts";
import {
  type ApiServer,
  CursorSchema,
  LimitSchema,
  Nullable,
  nextCursor,
  TimestampSchema,
} from "./common.ts";

const LabelSchema = Type.String({ minLength: 1, maxLength: 128 });

const FeedbackSchema = Type.Object({
  id: Type.String(),
  prediction: Type.String(),
  study: Type.String(),
  model: Type.String(),
  version: Type.String(),
  predicted: Type.String(),
  probability: Type.Number(),
  verdict: VerdictSchema,
  label: Nullable(Type.String()),
  comment: Nullable(Type.String()),
  createdAt: TimestampSchema,
});

/** Readers' verdicts on predictions. */
export function feedbackRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    writeRoute(server, dependencies);
    listRoute(server, dependencies);
    reportRoute(server, dependencies);
    await server.register(csvRoute(dependencies));
  };
}

function writeRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/feedback",
    {
      config: { role: "reader" },
      schema: {
        summary: "Say whether a prediction is right; a second verdict replaces the first",
        body: Type.Object({
          prediction: CursorSchema,
          verdict: VerdictSchema,
          label: Type.Optional(LabelSchema),
          comment: Type.Optional(Type.String({ maxLength: 2_000 })),
        }),
      },
    },
    async (request, reply) => {
      const { tenant, keyId } = principalOf(request);
      const { label = null, comment = null, ...said } = request.body;
      if (!(await writeFeedback(db, { ...said, label, comment, tenant, keyId }))) {
        throw new AxialError("not-found", { detail: "no such prediction" });
      }
      return reply.code(204).send();
    },
  );
}

const SpokenSchema = Type.Object({
  verdicts: Type.Integer({ description: "predictions that what was seen speaks of" }),
  silent: Type.Integer({ description: "lines or reports that speak of none" }),
});

function spoken(verdicts: readonly number[]): Static<typeof SpokenSchema> {
  return {
    verdicts: verdicts.reduce((sum, one) => sum + one, 0),
    silent: verdicts.filter((one) => one === 0).length,
  };
}

/** Its parser of CSV is for this route alone. */
function csvRoute({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.addContentTypeParser("text/csv", { parseAs: "string" }, (_request, body, done) =>
      done(null, body),
    );
    server.post(
      "/api/v1/feedback/csv",
      {
        config: { role: "reader" },
        schema: {
          summary: "Say what was right in many studies: lines of study, model and label",
          consumes: ["text/csv"],
          body: Type.String(),
          response: { 200: SpokenSchema },
        },
      },
      async (request) => {
        const { tenant, keyId } = principalOf(request);
        return spoken(await recordSeen(db, { tenant, keyId }, parseFeedbackCsv(request.body)));
      },
    );
  };
}

function reportRoute(server: ApiServer, { db, models }: Dependencies): void {
  server.post(
    "/api/v1/feedback/fhir",
    {
      config: { role: "reader" },
      schema: {
        summary: "Take the coded conclusion of a radiologist's report (FHIR R4 DiagnosticReport)",
        body: DiagnosticReportSchema,
        response: { 200: SpokenSchema },
      },
    },
    async (request) => {
      const { tenant, keyId } = principalOf(request);
      const seen = seenInReport(request.body, await models.all());
      const patientId = await readPatientId(db, tenant, seen.studyUid);
      if (patientId === undefined) throw new AxialError("not-found", { detail: "no such study" });
      if (seen.patientId !== null && patientId !== null && seen.patientId !== patientId) {
        const detail = "subject.identifier is not the study's PatientID: nothing was recorded";
        throw new AxialError("conflict", { detail });
      }
      return spoken(await recordSeen(db, { tenant, keyId }, [seen]));
    },
  );
}

function listRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    "/api/v1/feedback",
    {
      config: { role: "reader", audit: "feedback.list" },
      schema: {
        summary: "List feedback with its predictions, newest first",
        querystring: Type.Object({
          model: Type.Optional(Type.String({ maxLength: 63 })),
          verdict: Type.Optional(VerdictSchema),
          cursor: Type.Optional(CursorSchema),
          limit: LimitSchema,
        }),
        response: {
          200: Type.Object({
            feedback: Type.Array(FeedbackSchema),
            next: Nullable(CursorSchema),
          }),
        },
      },
    },
    async (request) => {
      const { cursor, ...search } = request.query;
      const rows = await listFeedback(db, {
        ...search,
        ...(cursor === undefined ? {} : { after: cursor }),
        tenant: principalOf(request).tenant,
      });
      return { feedback: rows.map(feedbackItem), next: nextCursor(rows, search.limit) };
    },
  );
}

function feedbackItem(row: FeedbackRow) {
  return {
    id: row.id,
    prediction: row.prediction_id,
    study: row.study_uid,
    model: row.model_id,
    version: row.model_version,
    predicted: row.predicted,
    probability: row.probability,
    verdict: row.verdict,
    label: row.label,
    comment: row.comment,
    createdAt: row.created_at.toISOString(),
  };
}
