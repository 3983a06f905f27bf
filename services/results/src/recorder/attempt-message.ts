import type { BlobStore } from "@axial/blobs";
import {
  AxialError,
  asAxialError,
  type Failure,
  isErrorCode,
  type OutcomeMessage,
  PLAN_REFUSALS,
  parseAs,
  type TaskResult,
  TaskResultSchema,
} from "@axial/contracts";
import { readResultBytes } from "./read-result-bytes.ts";

type DoneMessage = Extract<OutcomeMessage, { kind: "done" }>;
/** The attempt that a message is about, its lane, and the worker that held it. */
export type AttemptName = Pick<DoneMessage, "task" | "attempt" | "lane" | "worker" | "traceparent">;

/** How one attempt ended, with the result blob read: everything that is decided on. */
export type AttemptMessage =
  | { readonly kind: "done"; readonly message: DoneMessage; readonly result: TaskResult }
  | {
      readonly kind: "refused";
      readonly message: AttemptName;
      readonly code: string;
      readonly detail: string | null;
    }
  | {
      readonly kind: "failed";
      readonly message: AttemptName;
      readonly failure: Failure;
      readonly crashed: boolean;
    };

/**
 * Reads the result blob of a worker's message. A blob that is missing, corrupt or not a result of
 * this task makes the attempt a failure. Rejects when the store does not answer.
 */
export async function readAttempt(
  message: OutcomeMessage,
  blobs: BlobStore,
): Promise<AttemptMessage> {
  switch (message.kind) {
    case "done":
      return readDone(message, blobs);
    case "refused":
      return readRefused(message);
    case "failed":
      return {
        kind: "failed",
        message,
        failure: toFailure(message.code, message.detail),
        crashed: message.isolate ?? false,
      };
    default:
      throw message satisfies never;
  }
}

/** An attempt whose result cannot be kept, as a failure of that attempt. */
export function asFailedAttempt(
  attempt: AttemptMessage,
  error: AxialError,
): Extract<AttemptMessage, { kind: "failed" }> {
  return { kind: "failed", message: attempt.message, failure: error.toJSON(), crashed: false };
}

/** A refusal for a reason that there is not is a fault of its worker. */
function readRefused(message: Extract<OutcomeMessage, { kind: "refused" }>): AttemptMessage {
  const { code, detail = null } = message;
  if (isErrorCode(code) || Object.hasOwn(PLAN_REFUSALS, code)) {
    return { kind: "refused", message, code, detail };
  }
  return { kind: "failed", message, failure: { code: "result-mismatch" }, crashed: false };
}

async function readDone(message: DoneMessage, blobs: BlobStore): Promise<AttemptMessage> {
  try {
    const result = parseResult(await readResultBytes(blobs, message.result));
    if (result.task !== message.task) {
      throw new AxialError("blob-corrupt", { detail: "the result blob is of another task" });
    }
    return { kind: "done", message, result };
  } catch (thrown) {
    const error = asAxialError(thrown);
    if (error.code !== "blob-missing" && error.code !== "blob-corrupt") throw thrown;
    return { kind: "failed", message, failure: error.toJSON(), crashed: false };
  }
}

function parseResult(bytes: Uint8Array): TaskResult {
  try {
    return parseAs(TaskResultSchema, JSON.parse(new TextDecoder().decode(bytes)), "blob-corrupt");
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    // Not kept as the cause: a parser's message quotes the text.
    throw new AxialError("blob-corrupt", { detail: "the result blob is not JSON" });
  }
}

function toFailure(code: string, detail: string | undefined): Failure {
  if (!isErrorCode(code)) return { code: "internal", detail: `unknown code ${code}` };
  return { code, ...(detail === undefined ? {} : { detail }) };
}
