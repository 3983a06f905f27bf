import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import type { AddressGuard } from "./address-guard.ts";

export interface GuardedStreamRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly guard: AddressGuard;
  /** From the request to the end of the answer's head, and between two chunks of its body. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is still to be read, or destroyed. */
export type GuardedResponse = IncomingMessage;

/**
 * Sends one request to an address that may be reached, follows no redirect and keeps no connection;
 * resolves with the head of the answer. Rejects with `peer-unreachable` where there is no answer; the reason quotes no address.
 */
export function guardedStream(wanted: GuardedStreamRequest): Promise<GuardedResponse> {
  const url = new URL(wanted.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !wanted.guard.mayReach(host)) {
    return Promise.reject(new AxialError("peer-unreachable", { detail: "not an allowed address" }));
  }
  return exchange(url, wanted).catch((error: unknown) => {
    throw new AxialError("peer-unreachable", { detail: reasonOf(error), cause: error });
  });
}

function exchange(url: URL, wanted: GuardedStreamRequest): Promise<GuardedResponse> {
  const send = url.protocol === "https:" ? requestSecure : requestPlain;
  const { guard, headers, body, silenceMs, signal, method = "GET" } = wanted;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = send(
      url,
      {
        method,
        headers: { ...headers, ...length },
        lookup: guard.lookup,
        agent: false,
        timeout: silenceMs,
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Why, without the other side's address: an error's message may quote it. */
function reasonOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || name === "AbortError") return "no answer in time";
  return code ?? message;
}
