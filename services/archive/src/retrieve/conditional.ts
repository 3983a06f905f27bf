import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** A strong entity tag over what names the bytes of an answer. */
export function entityTag(...names: readonly string[]): string {
  return `"${hash("sha256", names.join("\n")).slice(0, 32)}"`;
}

/** Sets ETag; true when the client has this very answer and 304 was sent. */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  reply.header("etag", tag);
  const known = request.headers["if-none-match"];
  if (known === undefined) return false;
  const same = known.split(",").some((each) => {
    const name = each.trim().replace(/^W\//, "");
    return name === tag || name === "*";
  });
  if (same) void reply.code(304).send();
  return same;
}

/** Bytes `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that `Range` asks for (RFC 9110 14.2); null when there is none that is followed:
 * no header, several ranges, another unit, or an `If-Range` of other bytes.
 */
export function requestedRange(
  request: FastifyRequest,
  { size, tag }: { readonly size: number; readonly tag: string },
): ByteRange | "unsatisfiable" | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  if (found === null || (condition !== undefined && condition !== tag)) return null;
  const [, first = "", last = ""] = found;
  if (first === "" && last === "") return null;
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  if (first !== "" && last !== "" && Number(last) < start) return null;
  return start < end ? { start, end } : "unsatisfiable";
}
