import type { FastifyRequest } from "fastify";

/** What a request accepts: the `accept` query parameter before the header (PS3.18 8.3.3.1). */
export function acceptOf(request: FastifyRequest): string | undefined {
  const { accept } = request.query as { accept?: unknown };
  return typeof accept === "string" ? accept : request.headers.accept;
}
