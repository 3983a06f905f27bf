import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AxialError } from "@axial/contracts";
import type { FastifyInstance, RequestPayload } from "fastify";

/** Decoded bytes that any body may have, whatever it is decoded from. */
const FREE_DECODED_BYTES = 64 * 1024 * 1024;
/** Beyond that, decoded bytes for each byte that came. Black images reach hundreds, bombs 1,032. */
const MAX_DECODED_RATIO = 200;
const CHUNK_BYTES = 64 * 1024;

/**
 * Decodes request bodies with `Content-Encoding: gzip` (RFC 9110 8.4); any other encoding is
 * `unsupported-media-type`, and the answer says what is taken. Limits on bodies hold for what is
 * decoded; a body that expands without measure is `payload-too-large`.
 */
export function registerContentEncoding(server: FastifyInstance): void {
  server.addHook("preParsing", async (request, reply, payload) => {
    const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
    if (encoding === "identity" || encoding === "") return payload;
    if (encoding === "gzip" || encoding === "x-gzip") return decoded(payload);
    reply.header("accept-encoding", "gzip");
    throw new AxialError("unsupported-media-type", {
      detail: "of Content-Encoding only gzip is decoded",
    });
  });
}

function decoded(payload: RequestPayload): RequestPayload {
  const counts = { encoded: 0 };
  const stream = Readable.from(gunzipped(payload, counts), { objectMode: false });
  // Fastify compares it with Content-Length.
  return Object.defineProperty(stream, "receivedEncodedLength", { get: () => counts.encoded });
}

async function* gunzipped(
  payload: RequestPayload,
  counts: { encoded: number },
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  payload.on("data", (chunk: Buffer) => {
    counts.encoded += chunk.length;
  });
  payload.once("error", (error) => gunzip.destroy(error));
  payload.pipe(gunzip);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > Math.max(FREE_DECODED_BYTES, counts.encoded * MAX_DECODED_RATIO)) {
        throw new AxialError("payload-too-large", {
          detail: `the body expands to more than ${MAX_DECODED_RATIO} times its size`,
        });
      }
      yield chunk;
    }
  } catch (thrown) {
    if (!isDamaged(thrown)) throw thrown;
    throw new AxialError("invalid-request", { detail: "the gzip body is damaged", cause: thrown });
  } finally {
    payload.unpipe(gunzip);
    gunzip.destroy();
  }
}

function isDamaged(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && String(thrown.code).startsWith("Z_");
}
