import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import type { Dependencies } from "../dependencies.ts";
import { answerBulkData, answerFrames } from "../retrieve/answer-frames.ts";
import { answerInstances } from "../retrieve/answer-instances.ts";
import { answerRendered, answerThumbnail } from "../retrieve/answer-pictures.ts";
import { Exchange } from "../retrieve/exchange.ts";
import { answerMetadata } from "../retrieve/metadata.ts";
import { ArchiveParams } from "./params.ts";

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
  [`${SERIES}/rendered`, answerRendered, "A series as images"],
  ["/studies/:study/rendered", answerRendered, "A study as images"],
  [`${INSTANCE}/frames/:frames/thumbnail`, answerThumbnail, "A small image of a frame"],
  [`${INSTANCE}/thumbnail`, answerThumbnail, "A small image of an instance"],
  [`${SERIES}/thumbnail`, answerThumbnail, "A small image of a series"],
  ["/studies/:study/thumbnail", answerThumbnail, "A small image of a study"],
];

/** WADO-RS (PS3.18 10.4) over what was received: registered under each DICOMweb prefix. */
export function retrieveRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const [path, answer, summary] of RESOURCES) {
      const schema = { summary: `${summary} (WADO-RS)`, tags: ["DICOMweb"], params: ArchiveParams };
      server.get(
        path,
        { config: { role: "reader", audit: "study.retrieve" }, schema },
        (request, reply) => answer(new Exchange(dependencies, request, reply)),
      );
    }
  };
}
