import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";

export interface AuditEntry {
  /** The key is null when the system, an operator at the shell, or an unknown caller did it. */
  readonly principal: {
    readonly tenant: TenantId;
    readonly keyId: string | null;
    /** Network address of the caller, where the entry names none of its own. */
    readonly address?: string | null;
  };
  /** What was done, as `noun.verb`. */
  readonly action: string;
  /** `refused` when it was attempted and not allowed; `success` by default. */
  readonly outcome?: "success" | "refused";
  /** Network address of the caller. */
  readonly address?: string | null;
  /** An opaque id: never a UID, never patient data. */
  readonly target?: string;
  /** Names the tenant's study as the target by its UID, which is not recorded. */
  readonly studyUid?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Records who did what, in the same transaction where there is one. */
export async function writeAudit(
  db: Database | DatabaseTransaction,
  ...entries: readonly AuditEntry[]
): Promise<void> {
  const rows = entries.map(({ principal, outcome = "success", detail = {}, ...entry }) => ({
    tenant_id: principal.tenant,
    key_id: principal.keyId,
    action: entry.action,
    outcome,
    address: entry.address ?? principal.address ?? null,
    target: entry.target ?? null,
    study_uid: entry.studyUid ?? null,
    detail,
  }));
  await sql`
    INSERT INTO audit (tenant_id, key_id, address, action, outcome, target, detail)
    SELECT w.tenant_id, w.key_id, w.address, w.action, w.outcome,
      coalesce(w.target, (SELECT s.id FROM study s
        WHERE s.tenant_id = w.tenant_id AND s.study_uid = w.study_uid)), w.detail
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS w(tenant_id text, key_id text,
      address text, action text, outcome text, target text, study_uid text, detail jsonb)`.execute(
    db,
  );
}
