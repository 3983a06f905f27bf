import type { FastifyReply } from "fastify";
import { rangeHeaders } from "./answer-instances.ts";
import { type BulkData, bulkData } from "./bulk-data.ts";
import { entityTag, isUnchanged } from "./conditional.ts";
import { demand, type Exchange } from "./exchange.ts";
import { frameBytes, listedFrames } from "./frames.ts";
import { multipartRelated, multipartType, type OutgoingPart } from "./multipart-related.ts";
import { chooseFrames, chooseOctets, OCTETS } from "./negotiation.ts";
import { instanceUrl } from "./resource.ts";

/** Frames of an instance, uncompressed or as they are compressed (PS3.18 10.4.1.1.6). */
export async function answerFrames(exchange: Exchange): Promise<FastifyReply> {
  const { dependencies, request, reply, accept, base } = exchange;
  const [stored] = await exchange.instances();
  const list = exchange.params.frames ?? "";
  const frames = listedFrames(list, stored);
  const single = frames.length === 1;
  const as = demand(chooseFrames(accept, { stored: stored.transferSyntax, single }));
  const tag = entityTag("frames", base, stored.blob, list, as.type, as.form);
  if (isUnchanged(request, reply, tag)) return reply;
  const contentType = `${as.type}; transfer-syntax=${as.transferSyntax}`;
  const bytes = frameBytes(dependencies, stored, { frames, form: as.form });
  if (!as.multipart) return exchange.send(contentType, bytes);
  const boundary = `axial-${tag.slice(1, -1)}`;
  const place = (index: number) =>
    `${instanceUrl(base, stored)}/frames/${(frames[index] ?? 0) + 1}`;
  const parts = framedParts(bytes, contentType, place);
  return exchange.send(multipartType(as.type, boundary), multipartRelated(parts, boundary));
}

/** Parts of one type, each with its address. */
async function* framedParts(
  frames: AsyncIterable<Buffer>,
  contentType: string,
  place: (index: number) => string,
): AsyncGenerator<OutgoingPart> {
  let index = 0;
  for await (const frame of frames) {
    yield { contentType, location: place(index), body: [frame] };
    index += 1;
  }
}

/** A bulk value at an address from /metadata (PS3.18 10.4.1.1.5). */
export async function answerBulkData(exchange: Exchange): Promise<FastifyReply> {
  const { dependencies, request, reply, accept, base } = exchange;
  const [stored] = await exchange.instances();
  const path = exchange.params["*"] ?? "";
  const { multipart } = demand(chooseOctets(accept));
  const bulk = await bulkData(dependencies, stored, path);
  const tag = entityTag("bulk", base, stored.blob, path, String(multipart));
  if (isUnchanged(request, reply, tag)) return reply;
  if (!multipart) return answerBulkAlone(exchange, bulk, tag);
  const boundary = `axial-${tag.slice(1, -1)}`;
  const location = `${instanceUrl(base, stored)}/bulkdata/${path}`;
  const parts = onePart({ contentType: OCTETS, location, body: await bulk.open(null) });
  return exchange.send(multipartType(OCTETS, boundary), multipartRelated(parts, boundary));
}

async function* onePart(part: OutgoingPart): AsyncGenerator<OutgoingPart> {
  yield part;
}

async function answerBulkAlone(
  exchange: Exchange,
  bulk: BulkData,
  tag: string,
): Promise<FastifyReply> {
  if (bulk.size === null) return exchange.send(OCTETS, await bulk.open(null));
  const range = rangeHeaders(exchange, { size: bulk.size, tag });
  if (range === "unsatisfiable") return exchange.reply.code(416).send();
  return exchange.send(OCTETS, await bulk.open(range));
}
