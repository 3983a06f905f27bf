import type { TenantId } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "./database.ts";

export interface AuditEntry {
  /** Null when the system, or an operator at the shell, did it. */
  readonly principal: { readonly tenant: TenantId; readonly keyId: string | null };
  /** What was done, as `noun.verb`. */
  readonly action: string;
  /** An opaque id: never a UID, never patient data. */
  readonly target?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Records who did what, in the same transaction where there is one. */
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
