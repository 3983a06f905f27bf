import { newId, type TenantId } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { type AuditEntry, writeAudit } from "./audit/index.ts";
import type { Database } from "./database.ts";
import type { ApplicationEntityTable } from "./schema.ts";

export type ApplicationEntityRow = Selectable<ApplicationEntityTable>;
type NewApplicationEntity = Omit<ApplicationEntityRow, "id" | "created_at">;

type Actor = AuditEntry["principal"];

/**
 * The entry for an association: the one for this caller, else the one for every caller of the
 * called title; null when neither exists. `titleKnown` tells the two rejections apart.
 */
export async function findApplicationEntity(
  db: Database,
  called: string,
  calling: string,
): Promise<{ readonly entity: ApplicationEntityRow | null; readonly titleKnown: boolean }> {
  const rows = await db
    .selectFrom("application_entity")
    .selectAll()
    .where("called_title", "=", called)
    .where(sql<boolean>`(calling_title IS NULL OR calling_title = ${calling})`)
    .orderBy(sql`calling_title NULLS LAST`)
    .limit(1)
    .execute();
  if (rows[0] !== undefined) return { entity: rows[0], titleKnown: true };
  const other = await db
    .selectFrom("application_entity")
    .select("id")
    .where("called_title", "=", called)
    .limit(1)
    .executeTakeFirst();
  return { entity: null, titleKnown: other !== undefined };
}

/** A tenant's entries by title. */
export function listApplicationEntities(
  db: Database,
  tenant: TenantId,
): Promise<ApplicationEntityRow[]> {
  return db
    .selectFrom("application_entity")
    .selectAll()
    .where("tenant_id", "=", tenant)
    .orderBy("called_title")
    .orderBy("calling_title")
    .execute();
}

/** Makes an entry; null when the pair of titles has one already, of this tenant or another. */
export function createApplicationEntity(
  db: Database,
  entity: NewApplicationEntity,
  by: Actor,
): Promise<ApplicationEntityRow | null> {
  return db.transaction().execute(async (trx) => {
    const made = await trx
      .insertInto("application_entity")
      .values({
        ...{ id: newId(), ...entity },
        tls: entity.tls === null ? null : JSON.stringify(entity.tls),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (made === undefined) return null;
    await writeAudit(trx, {
      principal: by,
      action: "application-entity.create",
      target: made.id,
      detail: { called: made.called_title, calling: made.calling_title ?? "any" },
    });
    return made;
  });
}

interface WhichEntity {
  readonly tenant: TenantId;
  readonly id: string;
  /** Called titles that it may be of; null for any. */
  readonly titles: readonly string[] | null;
}

/** Removes a tenant's entry; false when there is none. Open associations go on. */
export function deleteApplicationEntity(
  db: Database,
  { tenant, id, titles }: WhichEntity,
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom("application_entity")
      .where("id", "=", id)
      .where("tenant_id", "=", tenant)
      .$if(titles !== null, (query) => query.where("called_title", "in", titles ?? []))
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) return false;
    await writeAudit(trx, { principal: by, action: "application-entity.delete", target: id });
    return true;
  });
}

/** Makes the entry that takes from every caller, unless the installation has an entry already. */
export async function ensureDefaultApplicationEntity(
  db: Database,
  entity: { readonly tenant: TenantId; readonly calledTitle: string },
): Promise<void> {
  await sql`
    INSERT INTO application_entity (id, tenant_id, called_title)
    SELECT ${newId()}, ${entity.tenant}, ${entity.calledTitle}
    WHERE NOT EXISTS (SELECT FROM application_entity)
    ON CONFLICT DO NOTHING`.execute(db);
}

/** Which of these SOP instances of a tenant are stored, with the class that they have. */
export async function storedSopClasses(
  db: Database,
  tenant: TenantId,
  sopInstanceUids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ uid: string; sop_class: string }>`
    SELECT sop_instance_uid AS uid, sop_class_uid AS sop_class FROM instance
    WHERE tenant_id = ${tenant} AND sop_instance_uid = ANY(${[...sopInstanceUids]})`.execute(db);
  return new Map(rows.map(({ uid, sop_class }) => [uid, sop_class]));
}
