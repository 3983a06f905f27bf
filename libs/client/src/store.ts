import { ERROR_CATALOGUE, type ErrorCode } from "@axial/contracts/errors";
import { ApiError, apiError } from "./api-error.ts";
import type { Transport } from "./transport.ts";

/** How the sender wants its instances to be treated; what is left out is the server's choice. */
export interface StoreOptions {
  readonly lane?: string;
  /** Model ids; null leaves the choice to the planner. */
  readonly models?: readonly string[] | null;
  /** The studies close with this request. */
  readonly close?: boolean;
  /** Instances after which the study closes, over all requests. */
  readonly expectedInstances?: number;
}

/** How an instance ended. `ignored`: Axial made it. */
export type StoreOutcome =
  | { readonly status: "stored" | "ignored" }
  | { readonly status: "failed"; readonly code: string };

export interface StoreAnswer {
  readonly outcomes: ReadonlyMap<string, StoreOutcome>;
  /** Codes of instances without a readable UID. */
  readonly unnamed: readonly string[];
}

/** A DICOM file, in one piece or in several. */
export type StoredFile = Uint8Array | AsyncIterable<Uint8Array>;

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

/** ErrorComment is LO. */
const MAX_COMMENT = 64;
/** Of an answer that is not Axial's. */
const SHOWN_CHARACTERS = 200;

/**
 * Sends DICOM files as one STOW-RS request (PS3.18 10.5), of which nothing but the present piece is
 * in memory. Rejects with ApiError for an answer that is not a Store Instances Response, a proxy's page
 * included, and for one that says to come back.
 */
export async function storeFiles(
  transport: Transport,
  files: Iterable<StoredFile> | AsyncIterable<StoredFile>,
  options: StoreOptions = {},
): Promise<StoreAnswer> {
  const boundary = `axial-${crypto.randomUUID()}`;
  const { lane, models = null, close, expectedInstances } = options;
  const init: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers: {
      accept: "application/dicom+json",
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      ...(lane === undefined ? {} : { "axial-lane": lane }),
      ...(models === null ? {} : { "axial-models": models.join(",") }),
      ...(close === undefined ? {} : { "axial-close": String(close) }),
      ...(expectedInstances === undefined
        ? {}
        : { "axial-expected-instances": String(expectedInstances) }),
    },
    body: streamOf(multipart(files, boundary)),
    duplex: "half",
  };
  const response = await transport.send("/dicom-web/studies", init);
  if (![200, 202, 409].includes(response.status)) throw await apiError(response);
  const answer = readAnswer(await response.text());
  const away = [...answer.outcomes.values()].find(
    (outcome) => outcome.status === "failed" && isRetryable(outcome.code),
  );
  if (away !== undefined) throw new ApiError(503, { title: "the server could not store it now" });
  return answer;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* multipart(
  files: Iterable<StoredFile> | AsyncIterable<StoredFile>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield bytesOf(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
    if (file instanceof Uint8Array) yield file;
    else yield* file;
    yield bytesOf("\r\n");
  }
  yield bytesOf(`--${boundary}--\r\n`);
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await pieces.return(undefined)),
  });
}

function readAnswer(text: string): StoreAnswer {
  const answer = parse(text);
  const outcomes = new Map<string, StoreOutcome>();
  for (const item of items(answer, TAG.referenced)) {
    const status = textOf(item, TAG.retrieveUrl) === "" ? "ignored" : "stored";
    outcomes.set(textOf(item, TAG.sopInstanceUid), { status });
  }
  for (const item of items(answer, TAG.failed)) {
    outcomes.set(textOf(item, TAG.sopInstanceUid), { status: "failed", code: codeOf(item) });
  }
  return { outcomes, unnamed: items(answer, TAG.otherFailures).map(codeOf) };
}

/** A captive portal answers 200 with a page of its own: not Axial, and worth trying again. */
function parse(text: string): DicomJson {
  try {
    return JSON.parse(text) as DicomJson;
  } catch {
    const detail = text.slice(0, SHOWN_CHARACTERS);
    throw new ApiError(502, { title: "not Axial's answer", detail });
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
