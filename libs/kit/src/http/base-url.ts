import type { FastifyRequest } from "fastify";

/** Base address as the caller sees it, for links in answers. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
