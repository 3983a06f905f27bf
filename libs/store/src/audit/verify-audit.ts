import { createHash } from "node:crypto";
import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/** Rows read at a time. */
const PAGE = 5_000;

/** A place in a chain that was noted elsewhere: what is there now must have this hash. */
export interface NotedPlace {
  readonly seq: number;
  /** In hexadecimal digits. */
  readonly hash: string;
}

/** What a tenant's chain was found to be. */
export interface ChainReport {
  readonly tenant: TenantId;
  /** Entries that were read. */
  readonly entries: number;
  /** Where the chain begins: retention removes what is older, from its beginning. */
  readonly first: number;
  /** Its last entry; worth noting where the database's owner cannot write. */
  readonly head: NotedPlace;
  /** Entries of the last second that have no place yet. */
  readonly waiting: number;
  /** The first entry that is not as it was written; null in a whole chain. */
  readonly broken: {
    readonly seq: number;
    readonly how: "altered" | "missing" | "not-as-noted";
  } | null;
}

interface Chain {
  readonly tenant_id: TenantId;
  readonly first_seq: string;
  readonly first_hash: Buffer;
  readonly last_seq: string;
  readonly last_hash: Buffer;
}

/**
 * Follows the chain of each tenant, or of one, and names the first entry that is missing or not as
 * it was written. `noted` are places of that tenant's chain that were kept elsewhere: with them a
 * chain that was written anew as a whole is found out too. All is read as it was at one moment:
 * chains grow meanwhile, and retention shortens them.
 */
export function verifyAudit(
  db: Database,
  {
    tenant,
    noted = [],
  }: { readonly tenant?: TenantId; readonly noted?: readonly NotedPlace[] } = {},
): Promise<ChainReport[]> {
  const reading = db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return reading.execute(async (trx) => {
    const { rows: chains } = await sql<Chain>`
      SELECT tenant_id, first_seq, first_hash, last_seq, last_hash FROM audit_chain
      WHERE ${tenant ?? null}::text IS NULL OR tenant_id = ${tenant ?? null}
      ORDER BY tenant_id`.execute(trx);
    const reports: ChainReport[] = [];
    for (const chain of chains) reports.push(await followChain(trx, chain, noted));
    return reports;
  });
}

async function followChain(
  db: DatabaseTransaction,
  chain: Chain,
  noted: readonly NotedPlace[],
): Promise<ChainReport> {
  const expected = new Map(noted.map(({ seq, hash }) => [seq, hash]));
  const first = Number(chain.first_seq);
  const last = Number(chain.last_seq);
  const waiting = await countWaiting(db, chain.tenant_id);
  let hash = chain.first_hash;
  let next = first;
  const report = (broken: ChainReport["broken"]): ChainReport => ({
    tenant: chain.tenant_id,
    entries: next - first,
    first,
    head: { seq: last, hash: chain.last_hash.toString("hex") },
    waiting,
    broken,
  });
  for (let rows = await readLinks(db, chain.tenant_id, next); rows.length > 0; ) {
    for (const row of rows) {
      const seq = Number(row.seq);
      if (seq !== next) return report({ seq: next, how: "missing" });
      hash = createHash("sha256").update(hash).update(row.text).digest();
      if (!hash.equals(row.hash)) return report({ seq, how: "altered" });
      const known = expected.get(seq);
      if (known !== undefined && known !== hash.toString("hex")) {
        return report({ seq, how: "not-as-noted" });
      }
      next += 1;
    }
    rows = await readLinks(db, chain.tenant_id, next);
  }
  if (next <= last) return report({ seq: next, how: "missing" });
  if (!hash.equals(chain.last_hash)) return report({ seq: last, how: "altered" });
  const beyond = noted.find(({ seq }) => seq > last);
  return report(beyond === undefined ? null : { seq: beyond.seq, how: "missing" });
}

interface Link {
  readonly seq: string;
  readonly hash: Buffer;
  /** What is hashed of the entry. */
  readonly text: string;
}

async function readLinks(db: DatabaseTransaction, tenant: TenantId, from: number): Promise<Link[]> {
  const { rows } = await sql<Link>`
    SELECT audit.seq, audit.hash, audit_text(audit) AS text FROM audit
    WHERE tenant_id = ${tenant} AND seq >= ${from} ORDER BY seq LIMIT ${PAGE}`.execute(db);
  return rows;
}

async function countWaiting(db: DatabaseTransaction, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    SELECT count(*)::integer AS waiting FROM audit
    WHERE tenant_id = ${tenant} AND seq IS NULL`.execute(db);
  return rows[0]?.waiting ?? 0;
}
