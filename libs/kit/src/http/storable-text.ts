import { Readable } from "node:stream";
import { AxialError } from "@axial/contracts";
import type { FastifyInstance } from "fastify";

/**
 * Refuses requests with text that PostgreSQL cannot hold, NUL and lone surrogates, wherever in path,
 * query or JSON body it is: `invalid-request`.
 */
export function refuseUnstorableText(server: FastifyInstance): void {
  server.addHook("preValidation", async ({ params, query, body }) => {
    const streamed = body instanceof Readable || body instanceof Uint8Array;
    for (const part of [params, query, streamed ? null : body]) {
      if (isStorable(part)) continue;
      throw new AxialError("invalid-request", {
        detail: "text holds a NUL character or half of a surrogate pair",
      });
    }
  });
}

/** Without recursion: a body of a megabyte may nest half a million arrays. */
function isStorable(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "string") {
      if (next.includes("\0") || !next.isWellFormed()) return false;
    } else if (typeof next === "object" && next !== null) {
      for (const [name, inner] of Object.entries(next)) left.push(name, inner);
    }
  }
  return true;
}
