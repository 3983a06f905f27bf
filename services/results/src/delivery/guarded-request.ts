import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import type { AddressGuard } from "../network/address-guard.ts";

/** What of an answer is read: tokens, and the outcome of a transaction. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface GuardedRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly guard: AddressGuard;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one request to an address that may be reached, follows no redirect and keeps no connection.
 * Rejects with `peer-unreachable` where there is no answer; the reason quotes no address.
 */
export function guardedRequest(request: GuardedRequest): Promise<Answer> {
  const url = new URL(request.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !request.guard.mayReach(host)) {
    return Promise.reject(new AxialError("peer-unreachable", { detail: "not an allowed address" }));
  }
  return exchange(url, request).catch((error: unknown) => {
    throw new AxialError("peer-unreachable", { detail: reasonOf(error), cause: error });
  });
}

function exchange(url: URL, request: GuardedRequest): Promise<Answer> {
  const send = url.protocol === "https:" ? requestSecure : requestPlain;
  const { guard, headers, body, timeoutMs, method = "POST" } = request;
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        method,
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        lookup: guard.lookup,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
          else response.destroy(new Error("the answer is too long"));
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Why, without the receiver's address: an error's message may quote it. */
function reasonOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || name === "AbortError") return "no answer in time";
  return code ?? message;
}

/**
 * Throws unless the receiver took it: `peer-unreachable` for what may be different later (5xx, too
 * many requests), `peer-refused` for what it does not want.
 */
export function assertTaken({ status }: Answer): void {
  if (status >= 200 && status <= 299) return;
  const detail = `the receiver answered ${status}`;
  const later = status >= 500 || status === 429 || status === 408;
  throw new AxialError(later ? "peer-unreachable" : "peer-refused", { detail });
}
