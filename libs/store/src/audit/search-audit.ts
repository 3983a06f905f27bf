import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";

export interface AuditSearch {
  readonly tenant: TenantId;
  readonly action?: string | undefined;
  readonly key?: string | undefined;
  readonly outcome?: "success" | "refused" | undefined;
  /** Study Instance UID. */
  readonly study?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** The number of the last entry of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** An entry, with the study and the patient that its target names while they are there. */
export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly tenant_id: TenantId;
  readonly key_id: string | null;
  readonly key_name: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly outcome: "success" | "refused";
  readonly target: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  /** Its place in the tenant's chain; null for some of the last second. */
  readonly seq: string | null;
  /** In hexadecimal digits. */
  readonly hash: string | null;
  readonly study_uid: string | null;
  readonly study_tags: TagSnapshot | null;
}

/** A tenant's entries, newest first. */
export async function searchAudit(db: Database, search: AuditSearch): Promise<AuditRow[]> {
  const { rows } = await sql<AuditRow>`
    SELECT a.id, a.at, a.tenant_id, a.key_id, k.name AS key_name, a.address, a.action, a.outcome,
      a.target, a.detail, a.seq, encode(a.hash, 'hex') AS hash,
      s.study_uid, s.tags AS study_tags
    FROM audit a
    LEFT JOIN study s ON s.id = a.target AND s.tenant_id = a.tenant_id
    LEFT JOIN api_key k ON k.id = a.key_id
    WHERE a.tenant_id = ${search.tenant}
      AND (${search.after ?? null}::bigint IS NULL OR a.id < ${search.after ?? null})
      AND (${search.action ?? null}::text IS NULL OR a.action = ${search.action ?? null})
      AND (${search.key ?? null}::text IS NULL OR a.key_id = ${search.key ?? null})
      AND (${search.outcome ?? null}::text IS NULL OR a.outcome = ${search.outcome ?? null})
      AND (${search.study ?? null}::text IS NULL OR s.study_uid = ${search.study ?? null})
      AND (${search.from ?? null}::timestamptz IS NULL OR a.at >= ${search.from ?? null})
      AND (${search.to ?? null}::timestamptz IS NULL OR a.at < ${search.to ?? null})
    ORDER BY a.id DESC LIMIT ${search.limit}`.execute(db);
  return rows;
}
