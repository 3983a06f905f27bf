import { AxialError, DICOM_JSON, DICOMWEB, laneWithin, modelsWithin } from "@axial/contracts";
import {
  accepts,
  baseUrl,
  clientAddress,
  parseMediaType,
  principalOf,
  scopeOf,
  uploadedBytes,
} from "@axial/kit";
import { closeStudies } from "@axial/store/ingest";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { checkUploadType, receiveUpload } from "../ingest/receive-upload.ts";
import { studiesToClose } from "../ingest/store-report.ts";
import { storeResponse, storeStatus } from "../ingest/store-response.ts";
import type { UploadOptions } from "../ingest/upload.ts";
import { STORE_PATHS, StoreParams, UploadHeaders } from "./common.ts";

/**
 * STOW-RS (PS3.18 10.5). The answer comes when every instance that it calls stored is durable in
 * the blob store and committed in Postgres (invariant 1).
 */
export function stowRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", (_request, body, done) => done(null, body));
    for (const path of STORE_PATHS) {
      const config = { role: "sender", forTenants: true } as const;
      server.post(path, { config, schema: SCHEMA }, async (request, reply) => {
        const report = await store(dependencies, request);
        return reply
          .code(storeStatus(report))
          .type(DICOM_JSON)
          .serializer(JSON.stringify)
          .send(storeResponse(report, `${baseUrl(request)}${DICOMWEB}`));
      });
    }
  };
}

const SCHEMA = {
  summary: "Store instances (STOW-RS)",
  tags: ["DICOMweb"],
  consumes: ["multipart/related", "application/dicom"],
  params: StoreParams,
  headers: UploadHeaders,
};

type StowRequest = FastifyRequest<{
  Params: Static<typeof StoreParams>;
  Headers: Static<typeof UploadHeaders>;
}>;

async function store(dependencies: Dependencies, request: StowRequest) {
  const { headers } = request;
  if (!accepts(request.headers.accept, [DICOM_JSON, "application/json"])) {
    throw new AxialError("not-acceptable");
  }
  const media = parseMediaType(request.headers["content-type"] ?? "");
  checkUploadType(media);
  const options = await uploadOptions(dependencies, request);
  await dependencies.gate.admit(options.lane ?? "routine");
  await dependencies.quotas.admit(options.tenant, Number(headers["content-length"] ?? 0));
  const bytes = uploadedBytes(request);
  const report = await receiveUpload({ media, bytes }, dependencies, options);
  if (headers["axial-close"] === true) {
    const ids = studiesToClose(report);
    await closeStudies(dependencies.db, options.tenant, { ids, reason: "request" });
  }
  return report;
}

function wholeNumber(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

async function uploadOptions(
  dependencies: Dependencies,
  request: StowRequest,
): Promise<UploadOptions> {
  const { params, headers } = request;
  const { tenant, keyId } = principalOf(request);
  const scope = scopeOf(request);
  return {
    tenant,
    sender: { keyId, address: clientAddress(request) },
    studyUid: params.study ?? null,
    lane: laneWithin(scope, params.lane ?? headers["axial-lane"] ?? null),
    expectedInstances: wholeNumber(headers["axial-expected-instances"]),
    models: modelsWithin(scope, await namedModels(dependencies, headers["axial-models"])),
    traceParent: request.span?.traceParent ?? null,
  };
}

/** Ids of `Axial-Models: a, b`; null without the header, `model-not-found` for an unknown one. */
async function namedModels(
  { models }: Dependencies,
  header: string | undefined,
): Promise<string[] | null> {
  if (header === undefined) return null;
  const ids = header.split(",").map((id) => id.trim());
  for (const id of ids) await models.demand(id);
  return ids;
}
