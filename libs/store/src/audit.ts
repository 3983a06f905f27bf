import type { TenantId } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "./database.ts";

export interface AuditEntry {
  /** Without a key: what the system or its operator's shell did. */
  readonly principal: { readonly tenant: TenantId; readonly keyId: string | null };
  /** What was done, as `noun.verb`. */
  readonly action: string;
  /** An opaque id: never a UID, never patient data. */
  readonly target?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Keeps who did what, in the transaction that did it where there is one. */
export async function writeAudit(
  db: Database | DatabaseTransaction,
  { principal, action, target, detail }: AuditEntry,
): Promise<void> {
  await db
    .insertInto("audit")
    .values({
      tenant_id: principal.tenant,
      key_id: principal.keyId,
      action,
      target: target ?? null,
      detail: JSON.stringify(detail ?? {}),
    })
    .execute();
}
