import { createHash } from "node:crypto";
import type { KeyScope, Role, TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";
import { findApiKey } from "./api-keys.ts";

/**
 * What was found is believed for this long: a revoked key opens no request after it, and a stream,
 * which asks again every second, ends within five. A busy sender costs one query in this time.
 */
const FRESH_MS = 3_000;
/** Distinct tokens remembered; a flood of wrong ones must not fill the memory. */
const MAX_REMEMBERED = 10_000;

/** The principal that a bearer token belongs to. */
interface KeyHolder {
  readonly keyId: string;
  readonly tenant: TenantId;
  readonly role: Role;
  readonly scope: KeyScope;
}

/** The owner of a token, or why it was refused. */
type KeyAnswer =
  | { readonly status: "accepted"; readonly principal: KeyHolder }
  | {
      readonly status: "refused";
      readonly reason: "unknown-key" | "revoked-key" | "expired-key";
      readonly holder?: Pick<KeyHolder, "keyId" | "tenant">;
    };

/**
 * How a key is stored. A plain SHA-256 is right here: slow, salted hashes protect guessable
 * passwords, not 256 random bits. It also makes the lookup one index probe.
 */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Resolves bearer tokens, caching results for a few seconds by the clock `now`, in milliseconds. */
export function createAuthenticator(
  db: Database,
  now: () => number = Date.now,
): (token: string) => Promise<KeyAnswer> {
  const known = new Map<string, { at: number; answer: Promise<KeyAnswer> }>();
  return (token) => {
    const hash = hashApiKey(token);
    const at = now();
    const remembered = known.get(hash);
    if (remembered !== undefined && at - remembered.at < FRESH_MS) return remembered.answer;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const answer = lookUp(db, hash);
    known.set(hash, { at, answer });
    answer.catch(() => known.delete(hash));
    return answer;
  };
}

async function lookUp(db: Database, hash: string): Promise<KeyAnswer> {
  const row = await findApiKey(db, hash);
  if (row === null) return { status: "refused", reason: "unknown-key" };
  const holder = { keyId: row.id, tenant: row.tenant_id };
  if (row.revoked_at !== null) return { status: "refused", reason: "revoked-key", holder };
  if (row.expires_at !== null && row.expires_at.getTime() <= Date.now()) {
    return { status: "refused", reason: "expired-key", holder };
  }
  const scope = { lanes: row.lanes, models: row.models, aeTitles: row.ae_titles };
  return { status: "accepted", principal: { ...holder, role: row.role, scope } };
}
