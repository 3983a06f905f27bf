import { createHash } from "node:crypto";
import type { Role, TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";
import { findApiKey } from "./api-keys.ts";

/** A revoked key works for this long at most; a busy sender costs one query in this time. */
const FRESH_MS = 5_000;
/** Distinct tokens remembered; a flood of wrong ones must not fill the memory. */
const MAX_REMEMBERED = 10_000;

/** Who a bearer token belongs to. */
interface KeyHolder {
  readonly keyId: string;
  readonly tenant: TenantId;
  readonly role: Role;
}

/**
 * How a key is stored. A plain SHA-256 is right here: slow, salted hashes protect guessable
 * passwords, not 256 random bits. It also makes the lookup one index probe.
 */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Resolves bearer tokens, caching results for a few seconds. */
export function createAuthenticator(db: Database): (token: string) => Promise<KeyHolder | null> {
  const known = new Map<string, { at: number; holder: Promise<KeyHolder | null> }>();
  return (token) => {
    const hash = hashApiKey(token);
    const now = Date.now();
    const remembered = known.get(hash);
    if (remembered !== undefined && now - remembered.at < FRESH_MS) return remembered.holder;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const holder = lookUp(db, hash);
    known.set(hash, { at: now, holder });
    holder.catch(() => known.delete(hash));
    return holder;
  };
}

async function lookUp(db: Database, hash: string): Promise<KeyHolder | null> {
  const row = await findApiKey(db, hash);
  return row && { keyId: row.id, tenant: row.tenant_id, role: row.role };
}
