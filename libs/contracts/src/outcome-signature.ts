import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AxialError } from "./errors.ts";
import type { ResultMessage, SignedMessage } from "./outcomes.ts";

/**
 * Signatures of what workers append to the stream of results: access to
 * the queue alone, without the pool's key, is not enough to forge a result. Each worker signs with a key derived for its name (HMAC-SHA256).
 */

/** Shorter secrets can be guessed. */
const MIN_SECRET_CHARACTERS = 32;

/** A secret that workers and recorders share, and its public name. */
export interface PoolKey {
  readonly id: string;
  readonly secret: string;
}

/**
 * The keys of a setting, parted by commas: the first signs, all of them verify, so that keys can be
 * changed one after another. Throws `invalid-request` for one that is too short.
 */
export function poolKeys(setting: string): PoolKey[] {
  const secrets = setting
    .split(",")
    .map((secret) => secret.trim())
    .filter((secret) => secret !== "");
  return secrets.map((secret) => {
    if (secret.length < MIN_SECRET_CHARACTERS) {
      const detail = `a key of the pool has at least ${MIN_SECRET_CHARACTERS} characters`;
      throw new AxialError("invalid-request", { detail });
    }
    return { id: createHash("sha256").update(secret).digest("hex").slice(0, 8), secret };
  });
}

/** The signing worker and its key. */
export interface Signer {
  readonly worker: string;
  readonly key: PoolKey;
}

export function signMessage(message: ResultMessage, { worker, key }: Signer): SignedMessage {
  const mac = macOf(message, { worker, key }).toString("base64url");
  return { ...message, signature: { worker, key: key.id, mac } };
}

/** True when one of `keys` made the message's signature. */
export function isAuthentic(message: SignedMessage, keys: readonly PoolKey[]): boolean {
  const { signature, ...said } = message;
  const key = keys.find(({ id }) => id === signature?.key);
  if (signature === undefined || key === undefined) return false;
  const expected = macOf(said as ResultMessage, { worker: signature.worker, key });
  const given = Buffer.from(signature.mac, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(message: ResultMessage, { worker, key }: Signer): Buffer {
  const own = createHmac("sha256", key.secret).update(`axial worker ${worker}`).digest();
  return createHmac("sha256", own).update(canonical(message)).digest();
}

/** Fields in the order of their names: a queue may keep them in another. */
function canonical(message: ResultMessage): string {
  const fields = Object.entries(message).filter(([, value]) => value !== undefined);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
