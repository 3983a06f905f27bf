import { Readable } from "node:stream";
import { AxialError } from "@axial/contracts";
import type { FastifyInstance } from "fastify";

/**
 * Refuses requests with what PostgreSQL cannot hold, wherever in path, query or JSON body it is: text
 * with NUL or a lone surrogate, and numbers such as `1e999`, which validation takes for any maximum;
 * and addresses that are not percent-encoded UTF-8, which would be matched as they are written:
 * `invalid-request`.
 */
export function refuseUnstorable(server: FastifyInstance): void {
  server.addHook("preValidation", async ({ url, params, query, body }) => {
    demandDecodable(url);
    const streamed = body instanceof Readable || body instanceof Uint8Array;
    demandStorable([params, query, streamed ? null : body]);
  });
  // Once validation has made numbers of what is text in an address.
  server.addHook("preHandler", async ({ params, query }) => demandStorable([params, query]));
}

function demandDecodable(url: string): void {
  try {
    decodeURIComponent(url);
  } catch {
    throw undecodable();
  }
}

/** Of an address that cannot be read, in its path or in its query. */
export function undecodable(): AxialError {
  const detail = "the address is not percent-encoded UTF-8 (RFC 3986)";
  return new AxialError("invalid-request", { detail });
}

function demandStorable(parts: readonly unknown[]): void {
  if (parts.every(isStorable)) return;
  throw new AxialError("invalid-request", {
    detail: "text holds a NUL character or half of a surrogate pair, or a number is not finite",
  });
}

/** Without recursion: a body of a megabyte may nest half a million arrays. */
function isStorable(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "number") {
      if (!Number.isFinite(next)) return false;
    } else if (typeof next === "string") {
      if (next.includes("\0") || !next.isWellFormed()) return false;
    } else if (typeof next === "object" && next !== null) {
      for (const [name, inner] of Object.entries(next)) left.push(name, inner);
    }
  }
  return true;
}
