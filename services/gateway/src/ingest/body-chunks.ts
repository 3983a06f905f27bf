import { AxialError } from "@axial/contracts";
import { MAX_REQUEST_BYTES } from "./limits.ts";

/**
 * The chunks of a request body, up to `MAX_REQUEST_BYTES`. A chunk may be looked at until the
 * next one is asked for; then its memory is freed at once. Left to the garbage collector, the
 * chunks of a fast upload set off a full collection every few dozen instances.
 */
export async function* bodyChunks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) {
      throw new AxialError("payload-too-large", { detail: `limit: ${MAX_REQUEST_BYTES} bytes` });
    }
    yield chunk;
    free(chunk);
  }
}

/** Chunks of their own memory only: those that share a slab are small, and others look at it. */
function free(chunk: Buffer): void {
  const memory = chunk.buffer;
  if (memory instanceof ArrayBuffer && memory.byteLength === chunk.byteLength) memory.transfer(0);
}
