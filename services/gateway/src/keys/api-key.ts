import { createHash, randomBytes } from "node:crypto";

const PREFIX = "axk_";

/** A new key: 256 random bits. */
export function newApiKey(): string {
  return PREFIX + randomBytes(32).toString("base64url");
}

/**
 * How a key is stored. A plain SHA-256 is right here: slow, salted hashes protect guessable
 * passwords, and nobody guesses 256 random bits. It also makes the lookup one index probe.
 */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
