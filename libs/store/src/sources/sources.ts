import { newId, type SourceKind, type TenantId } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { StudySourceTable } from "../schema.ts";
import { deleteTenantRow, rowsById, type TenantKey } from "../tenant-rows.ts";

export type SourceRow = Selectable<StudySourceTable>;
type Actor = AuditEntry["principal"];

interface NewSourceRow {
  readonly tenant: TenantId;
  readonly name: string;
  readonly kind: SourceKind;
  /** Where it is and how it is spoken to, as `SourceTarget`. */
  readonly target: object;
  readonly parallel: number;
}

/** Makes a source, audited; null when the tenant has one of that name. */
export function createSource(
  db: Database,
  { tenant, name, kind, target, parallel }: NewSourceRow,
  by: Actor,
): Promise<SourceRow | null> {
  return db.transaction().execute(async (trx) => {
    const made = await trx
      .insertInto("study_source")
      .values({
        ...{ id: newId(), tenant_id: tenant, name, kind, parallel },
        target: JSON.stringify(target),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined) return null;
    await writeAudit(trx, {
      principal: by,
      action: "source.create",
      target: made.id,
      detail: { kind },
    });
    return made;
  });
}

/** Removes a source with its pulls, audited; false when the tenant has none of that id. */
export function deleteSource(db: Database, key: TenantKey, by: Actor): Promise<boolean> {
  return deleteTenantRow(db, "study_source", { ...key, principal: by, action: "source.delete" });
}

/** The tenant's source of this name or id, or null. */
export async function findSource(
  db: Database | DatabaseTransaction,
  tenant: TenantId,
  nameOrId: string,
): Promise<SourceRow | null> {
  const row = await db
    .selectFrom("study_source")
    .selectAll()
    .where("tenant_id", "=", tenant)
    .where((is) => is.or([is("name", "=", nameOrId), is("id", "=", nameOrId)]))
    .executeTakeFirst();
  return row ?? null;
}

/** A source and how its pulls fare. */
export interface SourceState extends SourceRow {
  readonly waiting: number;
  readonly failed: number;
}

/** A tenant's sources by name. */
export async function listSources(db: Database, tenant: TenantId): Promise<SourceState[]> {
  const { rows } = await sql<SourceState>`
    SELECT study_source.*,
      (SELECT count(*)::integer FROM pull
        WHERE source_id = study_source.id AND state = 'waiting') AS waiting,
      (SELECT count(*)::integer FROM pull
        WHERE source_id = study_source.id AND state = 'failed') AS failed
    FROM study_source WHERE tenant_id = ${tenant} ORDER BY name`.execute(db);
  return rows;
}

/** Sources by id, of any tenant. */
export function readSources(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SourceRow>> {
  return rowsById<SourceRow>(db, "study_source", ids);
}
