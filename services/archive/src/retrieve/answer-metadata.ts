import { AxialError, DICOM_JSON } from "@axial/contracts";
import { accepts } from "@axial/kit";
import type { FastifyReply } from "fastify";
import { entityTag, isUnchanged } from "./conditional.ts";
import type { Exchange } from "./exchange.ts";
import { metadataArray } from "./metadata.ts";

/** Metadata of a study, a series or an instance as DICOM JSON (PS3.18 10.4.1.1.2). */
export async function answerMetadata(exchange: Exchange): Promise<FastifyReply> {
  const { dependencies, request, reply, base } = exchange;
  if (!accepts(exchange.accept, [DICOM_JSON, "application/json"])) {
    throw new AxialError("not-acceptable");
  }
  const instances = await exchange.instances();
  const tag = entityTag("metadata", base, ...instances.map(({ blob }) => blob));
  if (isUnchanged(request, reply, tag)) return reply;
  return exchange.send(DICOM_JSON, metadataArray(dependencies.headers, instances, base));
}
