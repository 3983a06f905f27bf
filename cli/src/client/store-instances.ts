import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { ApiError } from "./api-client.ts";
import type { Connection } from "./connection.ts";
import type { SendableFile } from "./find-files.ts";

interface StoreOptions {
  readonly lane: string;
}

/** One instance that the server did not store. */
export interface RejectedInstance {
  readonly sopInstanceUid: string;
  readonly failureReason: number;
}

interface StoreOutcome {
  readonly studies: readonly string[];
  readonly stored: number;
  readonly rejected: readonly RejectedInstance[];
}

type DicomJson = Record<string, { Value?: unknown[] }>;

const TAG = {
  referenced: "00081199",
  failed: "00081198",
  otherFailures: "0008119A",
  sopInstanceUid: "00081155",
  failureReason: "00081197",
  retrieveUrl: "00081190",
} as const;

/** Sends `files` as one STOW-RS request, streamed from disk (PS3.18 §10.5). */
export async function storeInstances(
  connection: Connection,
  files: readonly SendableFile[],
  options: StoreOptions,
): Promise<StoreOutcome> {
  const boundary = `axial-${randomBytes(12).toString("hex")}`;
  const response = await fetch(`${connection.url}/dicom-web/studies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${connection.key}`,
      accept: "application/dicom+json",
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      "axial-lane": options.lane,
    },
    body: Readable.toWeb(Readable.from(multipart(files, boundary))) as ReadableStream,
    duplex: "half",
  } as RequestInit);
  const body = await response.text();
  if (response.status !== 200 && response.status !== 202 && response.status !== 409) {
    throw new ApiError(response.status, parse(body));
  }
  return readOutcome(parse(body) as DicomJson);
}

async function* multipart(files: readonly SendableFile[], boundary: string) {
  for (const file of files) {
    yield Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
    yield* createReadStream(file.path, { highWaterMark: 1 << 20 });
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

function parse(body: string): object {
  try {
    return JSON.parse(body) as object;
  } catch {
    return { detail: body.slice(0, 200) };
  }
}

function readOutcome(answer: DicomJson): StoreOutcome {
  const stored = items(answer, TAG.referenced);
  const failures = [...items(answer, TAG.failed), ...items(answer, TAG.otherFailures)];
  const studies = stored.map((item) => /\/studies\/([^/]+)/.exec(text(item, TAG.retrieveUrl))?.[1]);
  return {
    studies: [...new Set(studies.filter((uid) => uid !== undefined))],
    stored: stored.length,
    rejected: failures.map((item) => ({
      sopInstanceUid: text(item, TAG.sopInstanceUid),
      failureReason: Number(item[TAG.failureReason]?.Value?.[0] ?? 0),
    })),
  };
}

function items(dataset: DicomJson, tag: string): DicomJson[] {
  return (dataset[tag]?.Value ?? []) as DicomJson[];
}

function text(dataset: DicomJson, tag: string): string {
  return String(dataset[tag]?.Value?.[0] ?? "");
}
