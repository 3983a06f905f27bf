import { MAX_DEIDENTIFIED_BYTES } from "./limits.ts";

/** Larger parts go straight into memory that threads share: copied once, and not on the way there. */
const MAX_PRIVATE_BYTES = 4 * 1024 * 1024;

/** All of a body, or null when it is too large to be de-identified: then it is read past. */
export async function gather(body: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  let shared: SharedArrayBuffer | null = null;
  for await (const chunk of body) {
    const at = length;
    length += chunk.length;
    if (length > MAX_DEIDENTIFIED_BYTES) shared = null;
    else if (length <= MAX_PRIVATE_BYTES) chunks.push(Buffer.from(chunk));
    else {
      shared ??= sharedWith(chunks.splice(0));
      shared.grow(length);
      new Uint8Array(shared).set(chunk, at);
    }
  }
  if (length > MAX_DEIDENTIFIED_BYTES) return null;
  return shared === null ? Buffer.concat(chunks) : Buffer.from(shared, 0, length);
}

function sharedWith(chunks: readonly Buffer[]): SharedArrayBuffer {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const shared = new SharedArrayBuffer(length, { maxByteLength: MAX_DEIDENTIFIED_BYTES });
  const view = new Uint8Array(shared);
  let at = 0;
  for (const chunk of chunks) {
    view.set(chunk, at);
    at += chunk.length;
  }
  return shared;
}
