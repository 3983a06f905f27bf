import type { FastifyReply } from "fastify";
import { entityTag, isUnchanged } from "./conditional.ts";
import { demand, type Exchange } from "./exchange.ts";
import { multipartRelated, multipartType, type OutgoingPart } from "./multipart-related.ts";
import { chooseImage } from "./negotiation.ts";
import { drawn, type Picture, renderedPictures, thumbnailPicture } from "./pictures.ts";
import { IMAGE_TYPES, type RenderQuery, renderOptions } from "./rendering.ts";
import { instanceUrl } from "./resource.ts";

/** A thumbnail fits into this where its client does not say otherwise. */
const THUMBNAIL = "256,256";

/**
 * Images for people, of a study, a series, an instance or frames (PS3.18 10.4.1.1.3). Several are
 * sent in parts.
 */
export async function answerRendered(exchange: Exchange): Promise<FastifyReply> {
  const query = exchange.request.query as RenderQuery;
  return answerPictures(exchange, await renderedPictures(exchange), { as: "rendered", query });
}

/** One small image that stands for a study, a series, an instance or a frame (10.4.1.1.4). */
export async function answerThumbnail(exchange: Exchange): Promise<FastifyReply> {
  const query = { viewport: THUMBNAIL, ...(exchange.request.query as RenderQuery) };
  const picture = await thumbnailPicture(exchange);
  return answerPictures(exchange, [picture], { as: "thumbnail", query });
}

interface Wanted {
  readonly as: "rendered" | "thumbnail";
  readonly query: RenderQuery;
}

async function answerPictures(
  exchange: Exchange,
  pictures: readonly Picture[],
  { as, query }: Wanted,
): Promise<FastifyReply> {
  const { request, reply, accept, base } = exchange;
  const single = pictures.length === 1;
  const { type, multipart } = demand(chooseImage(accept, { types: IMAGE_TYPES, single }));
  const options = JSON.stringify(renderOptions(query, type));
  const names = pictures.map(({ stored, frame }) => `${stored.blob} ${frame}`);
  const tag = entityTag(as, base, type, String(multipart), options, ...names);
  warnOfIgnored(exchange);
  if (isUnchanged(request, reply, tag)) return reply;
  const images = drawn(exchange, pictures, { type, query });
  if (!multipart) return exchange.send(type, images);
  const boundary = `axial-${tag.slice(1, -1)}`;
  const parts = placedParts(images, (index) => {
    const picture = pictures[index];
    const location = picture && `${frameUrl(base, picture)}/${as}`;
    return { contentType: type, ...(location ? { location } : {}) };
  });
  return exchange.send(multipartType(type, boundary), multipartRelated(parts, boundary));
}

function frameUrl(base: string, { stored, frame }: Picture): string {
  return `${instanceUrl(base, stored)}/frames/${frame + 1}`;
}

async function* placedParts(
  images: AsyncIterable<Buffer>,
  headers: (index: number) => Omit<OutgoingPart, "body">,
): AsyncGenerator<OutgoingPart> {
  let index = 0;
  for await (const image of images) {
    yield { ...headers(index), body: [image] };
    index += 1;
  }
}

const FOLLOWED = new Set(["accept", "quality", "window", "viewport"]);

/** `annotation` and `iccprofile` among them: nothing is burned in, no profile is applied. */
function warnOfIgnored({ request, reply, base }: Exchange): void {
  const ignored = Object.keys(request.query as object).some((name) => !FOLLOWED.has(name));
  if (!ignored) return;
  reply.header("warning", `299 ${new URL(base).host} "Unsupported query parameters were ignored."`);
}
