import { createHmac, randomBytes } from "node:crypto";

const SECRET_PREFIX = "whsec_";
/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** A new secret as Standard Webhooks 1.0 writes them. */
export function newWebhookSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly secret: string;
  /** Unix time. */
  readonly seconds: number;
}

/**
 * The headers of Standard Webhooks 1.0 (standardwebhooks.com): id, time, and an HMAC-SHA256 over
 * `id.time.body`. The time is signed, so that a receiver can refuse what is replayed later.
 */
export function standardWebhookHeaders(message: Message): Record<string, string> {
  const { id, body, secret, seconds } = message;
  const key = Buffer.from(secret.replace(SECRET_PREFIX, ""), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${digest}`,
  };
}
