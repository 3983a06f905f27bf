/** A multipart/related body of DICOM parts (PS3.18 §8.7.3.5.1). */
export function multipartRelated(parts: readonly Uint8Array[]): {
  readonly contentType: string;
  readonly body: Buffer<ArrayBuffer>;
} {
  const boundary = "axial-e2e-boundary";
  const body = Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      part,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return {
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
    body,
  };
}

/** Stores instances by STOW-RS; resolves with the answer. */
export function stow(
  server: { readonly url: string; readonly key: string },
  files: readonly Uint8Array[],
): Promise<Response> {
  const { contentType, body } = multipartRelated(files);
  return fetch(`${server.url}/dicom-web/studies`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": contentType },
    body,
  });
}

interface ReceivedPart {
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

/** The parts of a whole multipart body whose delimiters are `\r\n--boundary`. */
export function receivedParts(body: Buffer, boundary: string): ReceivedPart[] {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  const parts: ReceivedPart[] = [];
  for (let at = whole.indexOf(delimiter); at !== -1; ) {
    const next = whole.indexOf(delimiter, at + delimiter.length);
    if (next === -1) break;
    const part = whole.subarray(at + delimiter.length + 2, next);
    const split = part.indexOf("\r\n\r\n");
    const lines = part.subarray(0, split).toString("latin1").split("\r\n");
    const headers = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    parts.push({ headers: new Map(headers), bytes: part.subarray(split + 4) });
    at = next;
  }
  return parts;
}
