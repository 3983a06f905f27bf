import type { TestGateway } from "./start-gateway.ts";

type Fields = Readonly<Record<string, string>>;
type DicomJson = Record<string, { vr: string; Value?: unknown[] }>;

interface StowAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: DicomJson & { code?: string };
}

/** A multipart/related body of these parts. */
export function multipart(parts: readonly Uint8Array[], boundary = "axial-test"): Buffer {
  return Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      part,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

export const MULTIPART = 'multipart/related; type="application/dicom"; boundary=axial-test';

/** Sends one request as the gateway's admin. */
export async function post(
  gateway: Pick<TestGateway, "url" | "key">,
  path: string,
  request: { readonly body: string | Uint8Array<ArrayBuffer>; readonly headers?: Fields },
): Promise<StowAnswer> {
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    body: request.body,
    headers: {
      authorization: `Bearer ${gateway.key}`,
      "content-type": MULTIPART,
      ...request.headers,
    },
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    body: text === "" ? {} : JSON.parse(text),
  };
}

/** Stores instances by STOW-RS. */
export function stow(
  gateway: Pick<TestGateway, "url" | "key">,
  files: readonly Uint8Array[],
  headers: Fields = {},
): Promise<StowAnswer> {
  return post(gateway, "/dicom-web/studies", { body: new Uint8Array(multipart(files)), headers });
}

/** Values of a tag in each item of a sequence of the answer. */
export function valuesIn(answer: StowAnswer, sequence: string, tag: string): unknown[] {
  const items = (answer.body[sequence]?.Value ?? []) as DicomJson[];
  return items.map((item) => item[tag]?.Value?.[0]);
}
