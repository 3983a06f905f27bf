import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import type { DueDelivery } from "@axial/store/delivery";
import type { AddressGuard } from "./address-guard.ts";
import { signatureOf } from "./signature.ts";

/** A receiver that takes longer should answer first and work afterwards. */
const TIMEOUT_MS = 10_000;

/**
 * Posts one delivery. Rejects when it was not accepted (no 2xx in time, a forbidden address).
 * Redirects are not followed, and only the status of the answer is read.
 */
export async function postDelivery(delivery: DueDelivery, guard: AddressGuard): Promise<void> {
  const url = new URL(delivery.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !guard.mayReach(host)) throw new Error("the address is not allowed");
  const body = JSON.stringify(bodyOf(delivery));
  const status = await post(url, { body, guard, headers: headersOf(delivery, body) });
  if (status < 200 || status > 299) throw new Error(`the receiver answered ${status}`);
}

function bodyOf({ id, event, study_uid, run }: DueDelivery) {
  return { delivery: id, event, study: study_uid, run, href: `/api/v1/studies/${study_uid}` };
}

function headersOf({ id, event, secret }: DueDelivery, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "Axial",
    "axial-delivery": id,
    "axial-event": event,
    "axial-signature": signatureOf(body, secret, Math.floor(Date.now() / 1000)),
  };
}

interface Post {
  readonly body: string;
  readonly guard: AddressGuard;
  readonly headers: Record<string, string>;
}

function post(url: URL, { body, guard, headers }: Post): Promise<number> {
  const send = url.protocol === "https:" ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: "POST",
        headers,
        lookup: guard.lookup,
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
