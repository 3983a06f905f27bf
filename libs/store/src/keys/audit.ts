import type { TenantId } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "../database.ts";

export interface AuditEntry {
  readonly tenant: TenantId;
  /** Null for what the system or its operator's shell did. */
  readonly key: string | null;
  readonly action: string;
  /** An opaque id: never a UID, never patient data. */
  readonly target: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Writes who did what, in the transaction that did it. */
export async function writeAudit(
  db: Database | DatabaseTransaction,
  { tenant, key, action, target, detail }: AuditEntry,
): Promise<void> {
  await db
    .insertInto("audit")
    .values({
      tenant_id: tenant,
      key_id: key,
      action,
      target,
      detail: JSON.stringify(detail ?? {}),
    })
    .execute();
}
