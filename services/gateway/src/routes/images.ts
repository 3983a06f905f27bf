import {
  EVIDENCE_STATEMENT,
  FINISHED_STUDY_STATES,
  type Lane,
  LaneSchema,
  laneWithin,
  ModelRefSchema,
  modelsWithin,
  RefusalFactsSchema,
  refusalTitle,
  StudyStateSchema,
  TaskResultSchema,
} from "@axial/contracts";
import { baseUrl, clientAddress, principalOf, scopeOf, uploadedBytes } from "@axial/kit";
import type { KeyedRequest } from "@axial/store/keys";
import { readOutcome, type StudyOutcome } from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { type ReceivedImage, readImageBody, receiveImage } from "../ingest/receive-image.ts";
import { type Answer, answerOnce, IdempotencyHeaders, keyedRequest } from "./idempotency.ts";

const Query = Type.Object({
  model: ModelRefSchema,
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: 120, description: "seconds to wait for the prediction" }),
  ),
});

const Headers = Type.Intersect([
  IdempotencyHeaders,
  Type.Object({ "axial-lane": Type.Optional(LaneSchema) }),
]);

const { distributions, domain, labels, slices, skipped, timings } = TaskResultSchema.properties;

const ImageAnswer = Type.Object(
  {
    study: Type.String({ description: "Study Instance UID that the image was assigned" }),
    state: StudyStateSchema,
    links: Type.Object({ study: Type.String(), events: Type.String() }),
    predictions: Type.Array(
      Type.Object({
        model: Type.Intersect([
          TaskResultSchema.properties.model,
          Type.Object({ statement: Type.String() }),
        ]),
        provider: Type.String(),
        distributions,
        domain,
        slices,
        labels,
        skipped,
        timings,
      }),
    ),
    refusals: Type.Array(
      Type.Object({ code: Type.String(), title: Type.String(), facts: RefusalFactsSchema }),
    ),
  },
  { title: "Image" },
);

/**
 * `POST /api/v1/images?model=ID[&wait=SECONDS]`: one PNG, JPEG or DICOM file, as raw body. 202 with
 * links as soon as it is durable, or 200 with the prediction when that comes within `wait`.
 */
export function imageRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", (_request, body, done) => done(null, body));
    const schema = {
      summary: "Classify one image",
      tags: ["images"],
      consumes: ["image/png", "image/jpeg", "application/dicom"],
      querystring: Query,
      headers: Headers,
      response: { 200: ImageAnswer, 202: ImageAnswer },
    };
    server.post(
      "/api/v1/images",
      { config: { role: "sender" }, schema },
      async (request, reply) => {
        await dependencies.models.demand(request.query.model);
        modelsWithin(scopeOf(request), [request.query.model]);
        await dependencies.gate.admit(laneOf(request));
        await dependencies.quotas.admit(principalOf(request).tenant);
        const bytes = await readImageBody(uploadedBytes(request));
        const keyed = keyedRequest(request, bytes);
        const { status, body } = await answerOnce(dependencies.db, keyed, () =>
          classify(dependencies, request, { bytes, keyed }),
        );
        return reply.code(status).send(body);
      },
    );
  };
}

type ImageRequest = FastifyRequest<{
  Querystring: Static<typeof Query>;
  Headers: Static<typeof Headers>;
}>;

async function classify(
  dependencies: Dependencies,
  request: ImageRequest,
  { bytes, keyed }: { readonly bytes: Buffer; readonly keyed: KeyedRequest | null },
): Promise<Answer<Static<typeof ImageAnswer>>> {
  const { model, wait } = request.query;
  const lane = laneOf(request);
  const { tenant, keyId } = principalOf(request);
  const sender = { keyId, address: clientAddress(request) };
  const traceParent = request.span?.traceParent ?? null;
  const image = await receiveImage(dependencies, bytes, {
    ...{ tenant, sender, model, lane, keyed, traceParent },
  });
  const outcome = wait === undefined ? null : await finished(dependencies, request, image.study);
  const status = outcome === null ? 202 : 200;
  return { status, body: answer(image, outcome, baseUrl(request)) };
}

function laneOf(request: ImageRequest): Lane {
  return laneWithin(scopeOf(request), request.headers["axial-lane"] ?? null) ?? "routine";
}

/** The final outcome; null when time is up or the caller is gone. */
async function finished(
  { db, results }: Dependencies,
  request: ImageRequest,
  study: ReceivedImage["study"],
): Promise<StudyOutcome | null> {
  const left = new AbortController();
  request.raw.socket.once("close", () => left.abort());
  const deadlineMs = (request.query.wait ?? 0) * 1_000;
  return results.wait(study, { deadlineMs, signal: left.signal }, async () => {
    const outcome = await readOutcome(db, study);
    return outcome !== null && FINISHED_STUDY_STATES.includes(outcome.state) ? outcome : null;
  });
}

function answer(
  { studyUid }: ReceivedImage,
  outcome: StudyOutcome | null,
  base: string,
): Static<typeof ImageAnswer> {
  const study = `${base}/api/v1/studies/${studyUid}`;
  return {
    study: studyUid,
    state: outcome?.state ?? "closed",
    links: { study, events: `${study}/events` },
    predictions: (outcome?.results ?? []).map((result) => ({
      model: { ...result.model, statement: EVIDENCE_STATEMENT[result.model.evidence] },
      provider: result.provider,
      distributions: result.distributions,
      slices: result.slices,
      ...(result.labels === undefined ? {} : { labels: result.labels }),
      ...(result.domain === undefined ? {} : { domain: result.domain }),
      skipped: result.skipped,
      timings: result.timings,
    })),
    refusals: (outcome?.refusals ?? []).map(({ code, facts }) => ({
      code,
      title: refusalTitle(code),
      facts,
    })),
  };
}
