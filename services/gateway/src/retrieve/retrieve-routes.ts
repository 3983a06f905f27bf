import type { BlobStore } from "@axial/blobs";
import { openFramePool } from "@axial/imaging";
import type { Database } from "@axial/store/database";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import { ArchiveParams } from "../dicomweb/archive-params.ts";
import { answerBulkData, answerFrames, answerRendered } from "./answer-frames.ts";
import { answerInstances } from "./answer-instances.ts";
import { answerMetadata } from "./answer-metadata.ts";
import { ByteBudget } from "./byte-budget.ts";
import { Exchange } from "./exchange.ts";
import { FRAME_THREADS, FRAME_TIMEOUT_MS, HELD_BYTES } from "./limits.ts";

export interface RetrieveDependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
}

type Answer = (exchange: Exchange) => Promise<FastifyReply>;

const SERIES = "/studies/:study/series/:series";
const INSTANCE = `${SERIES}/instances/:instance`;

/** The resources of PS3.18 Table 10.4.1-1 and how each is answered. */
const RESOURCES: readonly (readonly [path: string, answer: Answer, summary: string])[] = [
  ["/studies/:study", answerInstances, "The instances of a study"],
  [SERIES, answerInstances, "The instances of a series"],
  [INSTANCE, answerInstances, "An instance"],
  ["/studies/:study/metadata", answerMetadata, "Metadata of a study"],
  [`${SERIES}/metadata`, answerMetadata, "Metadata of a series"],
  [`${INSTANCE}/metadata`, answerMetadata, "Metadata of an instance"],
  [`${INSTANCE}/bulkdata/*`, answerBulkData, "A bulk value that metadata names"],
  [`${INSTANCE}/frames/:frames`, answerFrames, "Frames"],
  [`${INSTANCE}/frames/:frames/rendered`, answerRendered, "Frames as images"],
  [`${INSTANCE}/rendered`, answerRendered, "An instance as an image"],
];

/** WADO-RS (PS3.18 10.4) over what was received: registered under each DICOMweb prefix. */
export function retrieveRoutes({ db, blobs }: RetrieveDependencies): FastifyPluginAsyncTypebox {
  const frames = openFramePool({ threads: FRAME_THREADS, timeoutMs: FRAME_TIMEOUT_MS });
  const context = { db, blobs, frames, budget: new ByteBudget(HELD_BYTES) };
  return async (server) => {
    server.addHook("onClose", () => frames.close());
    for (const [path, answer, summary] of RESOURCES) {
      const schema = { summary: `${summary} (WADO-RS)`, tags: ["DICOMweb"], params: ArchiveParams };
      server.get(path, { config: { role: "reader" }, schema }, (request, reply) =>
        answer(new Exchange(context, request, reply)),
      );
    }
  };
}
