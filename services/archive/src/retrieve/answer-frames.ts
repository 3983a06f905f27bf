import { sharedBytes } from "@axial/imaging";
import type { StoredInstance } from "@axial/store/search";
import type { FastifyReply } from "fastify";
import { rangeHeaders } from "./answer-instances.ts";
import { type BulkData, bulkData } from "./bulk-data.ts";
import { entityTag, isUnchanged } from "./conditional.ts";
import { asAnswer, demand, type Exchange } from "./exchange.ts";
import { frameBytes, listedFrames } from "./frames.ts";
import { multipartRelated, multipartType, type OutgoingPart } from "./multipart-related.ts";
import { chooseFrames, chooseImage, chooseOctets, OCTETS } from "./negotiation.ts";
import { IMAGE_TYPES, type ImageType, type RenderQuery, renderOptions } from "./rendering.ts";
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

/** Frames as images for people (PS3.18 10.4.1.1.3). Without a list: the first frame. */
export async function answerRendered(exchange: Exchange): Promise<FastifyReply> {
  const { request, reply, accept, base, params } = exchange;
  const [stored] = await exchange.instances();
  const frames = params.frames === undefined ? [0] : listedFrames(params.frames, stored);
  const single = frames.length === 1;
  const { type, multipart } = demand(chooseImage(accept, { types: IMAGE_TYPES, single }));
  const options = renderOptions(request.query as RenderQuery, type);
  const tag = entityTag("rendered", stored.blob, frames.join(), type, JSON.stringify(options));
  warnOfIgnored(exchange);
  if (isUnchanged(request, reply, tag)) return reply;
  const images = renderedFrames(exchange, stored, { frames, type });
  if (!multipart) return exchange.send(type, images);
  const boundary = `axial-${tag.slice(1, -1)}`;
  const place = (index: number) =>
    `${instanceUrl(base, stored)}/frames/${(frames[index] ?? 0) + 1}/rendered`;
  const parts = framedParts(images, type, place);
  return exchange.send(multipartType(type, boundary), multipartRelated(parts, boundary));
}

interface Rendering {
  readonly frames: readonly number[];
  readonly type: ImageType;
}

async function* renderedFrames(
  { dependencies, request }: Exchange,
  stored: StoredInstance,
  { frames, type }: Rendering,
): AsyncGenerator<Buffer> {
  const release = await dependencies.budget.take(stored.bytes);
  try {
    const file = await dependencies.blobs.get(stored.blob);
    const source = { key: stored.blob, bytes: sharedBytes(file) };
    const options = renderOptions(request.query as RenderQuery, type);
    for (const frame of frames)
      yield Buffer.from(await dependencies.frames.render(source, frame, options));
  } catch (thrown) {
    throw asAnswer(thrown);
  } finally {
    release();
  }
}

const FOLLOWED = new Set(["accept", "quality", "window", "viewport"]);

/** `annotation` and `iccprofile` among them: nothing is burned in, no profile is applied. */
function warnOfIgnored({ request, reply, base }: Exchange): void {
  const ignored = Object.keys(request.query as object).some((name) => !FOLLOWED.has(name));
  if (!ignored) return;
  reply.header("warning", `299 ${new URL(base).host} "Unsupported query parameters were ignored."`);
}
