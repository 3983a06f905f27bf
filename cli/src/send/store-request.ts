import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { ERROR_CATALOGUE, type ErrorCode } from "@axial/contracts";
import { ApiError, apiError } from "../client/api-client.ts";
import type { Connection } from "../client/connection.ts";
import type { Content } from "../files/content.ts";

/** How the sender wants its instances to be treated. */
export interface StoreOptions {
  readonly lane: string;
  /** Model ids; null leaves the choice to the planner. */
  readonly models: readonly string[] | null;
}

/** What the server says of an instance, by SOP Instance UID. */
export type StoreVerdict =
  | { readonly status: "stored" | "ignored" }
  | { readonly status: "failed"; readonly code: string };

export interface StoreAnswer {
  readonly verdicts: ReadonlyMap<string, StoreVerdict>;
  /** Codes of instances without a readable UID. */
  readonly unnamed: readonly string[];
}

type DicomJson = Record<string, { Value?: unknown[] }>;

const TAG = {
  referenced: "00081199",
  failed: "00081198",
  otherFailures: "0008119A",
  sopInstanceUid: "00081155",
  failureReason: "00081197",
  errorComment: "00000902",
  retrieveUrl: "00081190",
} as const;

const PIECE = 1 << 20;
/** ErrorComment is LO. */
const MAX_COMMENT = 64;

/**
 * Sends instances as one STOW-RS request (PS3.18 10.5). Throws ApiError for an answer that is no
 * Store Instances Response, a proxy's page included, and for one that says to come back.
 */
export async function storeRequest(
  connection: Connection,
  contents: readonly Content[],
  options: StoreOptions,
): Promise<StoreAnswer> {
  const boundary = `axial-${randomBytes(12).toString("hex")}`;
  const init: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers: {
      authorization: `Bearer ${connection.key}`,
      accept: "application/dicom+json",
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      "axial-lane": options.lane,
      ...(options.models === null ? {} : { "axial-models": options.models.join(",") }),
    },
    body: Readable.toWeb(Readable.from(multipart(contents, boundary))) as ReadableStream,
    duplex: "half",
  };
  const response = await fetch(`${connection.url}/dicom-web/studies`, init);
  if (![200, 202, 409].includes(response.status)) throw await apiError(response);
  const answer = readAnswer(await response.text());
  const away = [...answer.verdicts.values()].find(
    (verdict) => verdict.status === "failed" && isRetryable(verdict.code),
  );
  if (away !== undefined) throw new ApiError(503, { title: "the server could not store it now" });
  return answer;
}

async function* multipart(contents: readonly Content[], boundary: string) {
  for (const { head, file } of contents) {
    yield Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
    if (file === null) yield head;
    else yield* createReadStream(file, { highWaterMark: PIECE });
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

function readAnswer(text: string): StoreAnswer {
  const answer = parse(text);
  const verdicts = new Map<string, StoreVerdict>();
  for (const item of items(answer, TAG.referenced)) {
    const status = textOf(item, TAG.retrieveUrl) === "" ? "ignored" : "stored";
    verdicts.set(textOf(item, TAG.sopInstanceUid), { status });
  }
  for (const item of items(answer, TAG.failed)) {
    verdicts.set(textOf(item, TAG.sopInstanceUid), { status: "failed", code: codeOf(item) });
  }
  return { verdicts, unnamed: items(answer, TAG.otherFailures).map(codeOf) };
}

/** A captive portal answers 200 with a page: somebody else than Axial, who may go away. */
function parse(text: string): DicomJson {
  try {
    return JSON.parse(text) as DicomJson;
  } catch {
    throw new ApiError(502, { title: "not Axial's answer", detail: text.slice(0, 200) });
  }
}

/** The code behind ErrorComment, the title of an error in the catalogue; else FailureReason. */
function codeOf(item: DicomJson): string {
  const comment = textOf(item, TAG.errorComment);
  const known = Object.entries(ERROR_CATALOGUE).find(
    ([, { title }]) => comment !== "" && title.slice(0, MAX_COMMENT) === comment,
  );
  return known?.[0] ?? `failure-reason-${textOf(item, TAG.failureReason)}`;
}

function isRetryable(code: string): boolean {
  return Object.hasOwn(ERROR_CATALOGUE, code) && ERROR_CATALOGUE[code as ErrorCode].retryable;
}

function items(dataset: DicomJson, tag: string): DicomJson[] {
  return (dataset[tag]?.Value ?? []) as DicomJson[];
}

function textOf(dataset: DicomJson, tag: string): string {
  return String(dataset[tag]?.Value?.[0] ?? "");
}
