import type { StoredInstance } from "@axial/store/search";
import type { FastifyReply } from "fastify";
import { entityTag, isUnchanged, requestedRange } from "./conditional.ts";
import { demand, type Exchange } from "./exchange.ts";
import { openInstance } from "./instance-content.ts";
import { multipartRelated, multipartType, type OutgoingPart } from "./multipart-related.ts";
import { chooseDicom, DICOM, type Representation } from "./negotiation.ts";
import { instanceUrl } from "./resource.ts";

/** An instance and how it is to be sent. */
interface Choice {
  readonly stored: StoredInstance;
  readonly as: Representation;
}

/** Instances of a study, a series or one alone as DICOM files (PS3.18 10.4.1.1.1). */
export async function answerInstances(exchange: Exchange): Promise<FastifyReply> {
  const { accept, params } = exchange;
  const instances = await exchange.instances();
  const single = params.instance !== undefined;
  const choices = instances.map((stored): Choice => {
    const as = demand(chooseDicom(accept, { stored: stored.transferSyntax, single }));
    return { stored, as };
  });
  const [first] = choices;
  if (first !== undefined && !first.as.multipart) return answerAlone(exchange, first);
  return answerInParts(exchange, choices);
}

async function answerInParts(
  exchange: Exchange,
  choices: readonly Choice[],
): Promise<FastifyReply> {
  const { request, reply, base } = exchange;
  const names = choices.flatMap(({ stored, as }) => [stored.sopInstanceUid, stored.blob, as.form]);
  const tag = entityTag("parts", base, ...names);
  if (isUnchanged(request, reply, tag)) return reply;
  const boundary = `axial-${tag.slice(1, -1)}`;
  const parts = multipartRelated(openParts(exchange, choices), boundary);
  return exchange.send(multipartType(DICOM, boundary), parts);
}

/** Of several instances none is missing because of its neighbour's wish: see `openInstance`. */
async function* openParts(
  { dependencies, base }: Exchange,
  choices: readonly Choice[],
): AsyncGenerator<OutgoingPart> {
  for (const { stored, as } of choices) {
    const strict = as.strict && choices.length === 1;
    const { transferSyntax, body } = await openInstance(dependencies, stored, { ...as, strict });
    const location = instanceUrl(base, stored);
    yield { contentType: `${DICOM}; transfer-syntax=${transferSyntax}`, location, body };
  }
}

async function answerAlone(exchange: Exchange, { stored, as }: Choice): Promise<FastifyReply> {
  const { dependencies, request, reply } = exchange;
  const tag = entityTag("file", stored.blob, as.form);
  if (isUnchanged(request, reply, tag)) return reply;
  if (as.form === "stored") return answerStored(exchange, { stored, as }, tag);
  const { transferSyntax, body } = await openInstance(dependencies, stored, as);
  return exchange.send(`${DICOM}; transfer-syntax=${transferSyntax}`, body);
}

/** A file as stored: any part of it can be served. */
async function answerStored(
  exchange: Exchange,
  { stored, as }: Choice,
  tag: string,
): Promise<FastifyReply> {
  const { blobs } = exchange.dependencies;
  const range = rangeHeaders(exchange, { size: stored.bytes, tag });
  if (range === "unsatisfiable") return exchange.reply.code(416).send();
  const body = await blobs.getStream(stored.blob, range ?? undefined);
  return exchange.send(`${DICOM}; transfer-syntax=${as.transferSyntax}`, body);
}

/** Sets the headers for a range of `size` bytes; null means all. */
export function rangeHeaders(
  { request, reply }: Exchange,
  { size, tag }: { readonly size: number; readonly tag: string },
) {
  const range = requestedRange(request, { size, tag });
  reply.header("accept-ranges", "bytes");
  if (range === "unsatisfiable") reply.header("content-range", `bytes */${size}`);
  else if (range === null) reply.header("content-length", size);
  else {
    reply.code(206);
    reply.header("content-range", `bytes ${range.start}-${range.end - 1}/${size}`);
    reply.header("content-length", range.end - range.start);
  }
  return range;
}
