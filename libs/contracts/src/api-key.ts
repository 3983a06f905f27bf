import { randomBytes } from "node:crypto";

/** Makes a key recognisable to people and to secret scanners. */
const API_KEY_PREFIX = "axial_";

/**
 * What a key may look like: printable ASCII without spaces, 16 characters at least. A generated
 * key has 256 random bits; the minimum stops AXIAL_ADMIN_KEY from being set to a short one.
 */
export const API_KEY_PATTERN = "^[\\x21-\\x7e]{16,256}$";

/** A new API key: 256 random bits. Only its hash is ever compared, never its form. */
export function newApiKey(): string {
  return API_KEY_PREFIX + randomBytes(32).toString("base64url");
}
