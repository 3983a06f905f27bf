import { createHmac } from "node:crypto";

/**
 * `t=SECONDS,v1=HEX`: an HMAC-SHA256 over `SECONDS.BODY` with the webhook's secret. The time is
 * signed, so that a receiver can refuse what is replayed later.
 */
export function signatureOf(body: string, secret: string, seconds: number): string {
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${digest}`;
}
