import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyRequest } from "fastify";

/** What of a refused upload is read past, so that its sender gets to read the answer. */
const MAX_DRAINED_BYTES = 256 * 1024 * 1024;
const MAX_DRAINED_MS = 30_000;

/**
 * The body of a route that streams it. A reader that stops early leaves the connection as it is:
 * a stream that is destroyed takes the answer with it.
 */
export function uploadedBytes({ body }: FastifyRequest): AsyncIterable<Buffer> {
  return (body as Readable).iterator({ destroyOnReturn: false });
}

/** True when the sender is gone before its request was whole. */
export function hasLeft(request: IncomingMessage): boolean {
  return request.destroyed && !isWhole(request);
}

/** Received to its end, or read to it: requests that are injected know only the latter. */
function isWhole({ complete, readableEnded }: IncomingMessage): boolean {
  return complete || readableEnded;
}

/**
 * Reads past the rest of a request, up to a limit: a sender that writes its whole body before it
 * reads would otherwise see a lost connection instead of the answer. Resolves with false when more
 * is to come: the connection is then closed.
 */
export async function drained(request: IncomingMessage): Promise<boolean> {
  if (isWhole(request)) return true;
  const late = new AbortController();
  const whole = readPast(request).finally(() => late.abort());
  const timeUp = delay(MAX_DRAINED_MS, false, { signal: late.signal }).catch(() => true);
  return (await Promise.race([whole, timeUp])) && isWhole(request);
}

function readPast(request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    let bytes = 0;
    const done = (whole: boolean) => () => {
      request.pause();
      resolve(whole);
    };
    // Of an iterator that its reader left where it was: with it nothing flows.
    request.removeAllListeners("readable");
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DRAINED_BYTES) done(false)();
    });
    request.once("end", done(true));
    request.once("close", done(false));
    request.resume();
  });
}
