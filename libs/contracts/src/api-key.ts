import { randomBytes } from "node:crypto";

/** Makes a key recognisable to people and to secret scanners. */
const API_KEY_PREFIX = "axial_";

/** A new API key: 256 random bits. Only its hash is ever compared, never its form. */
export function newApiKey(): string {
  return API_KEY_PREFIX + randomBytes(32).toString("base64url");
}
