import { AxialError } from "@axial/contracts";
import type { FastifyReply } from "fastify";
import { accepts } from "../dicomweb/accept.ts";
import { DICOM_JSON } from "../routes/common.ts";
import { entityTag, isUnchanged } from "./conditional.ts";
import type { Exchange } from "./exchange.ts";
import { metadataArray } from "./metadata.ts";

/** Metadata of a study, a series or an instance as DICOM JSON (PS3.18 10.4.1.1.2). */
export async function answerMetadata(exchange: Exchange): Promise<FastifyReply> {
  const { context, request, reply, base } = exchange;
  if (!accepts(exchange.accept, [DICOM_JSON, "application/json"])) {
    throw new AxialError("not-acceptable");
  }
  const instances = await exchange.instances();
  const tag = entityTag("metadata", base, ...instances.map(({ blob }) => blob));
  if (isUnchanged(request, reply, tag)) return reply;
  return exchange.send(DICOM_JSON, metadataArray(context.blobs, instances, base));
}
