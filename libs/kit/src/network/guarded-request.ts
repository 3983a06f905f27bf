import { AxialError } from "@axial/contracts";
import { type GuardedStreamRequest, guardedStream } from "./guarded-stream.ts";

/** What of an answer is read: tokens, and the outcome of a transaction. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface GuardedRequest extends Omit<GuardedStreamRequest, "silenceMs" | "signal"> {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** An answer longer than this is an error; 4 MiB when left out. */
  readonly maxAnswerBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one request as `guardedStream` does, a POST unless told, and reads its answer. Rejects with
 * `peer-unreachable` where there is none; the reason quotes no address.
 */
export async function guardedRequest({
  timeoutMs,
  maxAnswerBytes = MAX_ANSWER_BYTES,
  ...request
}: GuardedRequest): Promise<Answer> {
  const response = await guardedStream({
    method: "POST",
    ...request,
    silenceMs: timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxAnswerBytes) break;
      chunks.push(chunk as Buffer);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AxialError("peer-unreachable", { detail: code ?? "the answer broke off", cause });
  }
  if (bytes > maxAnswerBytes) {
    throw new AxialError("peer-unreachable", { detail: "the answer is too long" });
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

/**
 * Throws unless the receiver took it: `peer-unreachable` for what may be different later (5xx, too
 * many requests), `peer-refused` for what it does not want.
 */
export function assertTaken({ status }: Pick<Answer, "status">): void {
  if (status >= 200 && status <= 299) return;
  const detail = `the receiver answered ${status}`;
  const later = status >= 500 || status === 429 || status === 408;
  throw new AxialError(later ? "peer-unreachable" : "peer-refused", { detail });
}
