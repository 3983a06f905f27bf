import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { type AuditEntry, writeAudit } from "./audit/index.ts";
import type { Database } from "./database.ts";

/** What a tenant's administrators make, name and remove. */
type TenantTable = "destination" | "study_source";

/** A row of a tenant. */
export interface TenantKey {
  readonly tenant: TenantId;
  readonly id: string;
}

/** Rows by id, of any tenant. */
export async function rowsById<Row extends { readonly id: string }>(
  db: Database,
  table: TenantTable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Row>`
    SELECT * FROM ${sql.table(table)} WHERE id = ANY(${[...new Set(ids)]})`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Removes a row and what refers to it, audited; false when the tenant has none of that id. */
export function deleteTenantRow(
  db: Database,
  table: TenantTable,
  { tenant, id, ...audit }: TenantKey & Pick<AuditEntry, "action" | "principal">,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numAffectedRows } = await sql`
      DELETE FROM ${sql.table(table)} WHERE id = ${id} AND tenant_id = ${tenant}`.execute(trx);
    if (numAffectedRows === 0n) return false;
    await writeAudit(trx, { ...audit, target: id });
    return true;
  });
}
