/** One part: its headers without the boundary, and its body in pieces. */
export interface OutgoingPart {
  readonly contentType: string;
  readonly location?: string;
  readonly body: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/**
 * A multipart/related body (RFC 2387). Parts are asked for one after another, so that no more
 * than one is at hand.
 */
export async function* multipartRelated(
  parts: AsyncIterable<OutgoingPart>,
  boundary: string,
): AsyncGenerator<Buffer> {
  for await (const { contentType, location, body } of parts) {
    const place = location === undefined ? "" : `Content-Location: ${location}\r\n`;
    yield Buffer.from(`--${boundary}\r\nContent-Type: ${contentType}\r\n${place}\r\n`, "latin1");
    yield* body;
    yield Buffer.from("\r\n", "latin1");
  }
  yield Buffer.from(`--${boundary}--\r\n`, "latin1");
}

/** The Content-Type of a multipart body whose parts are of `type`. */
export function multipartType(type: string, boundary: string): string {
  return `multipart/related; type="${type}"; boundary=${boundary}`;
}
