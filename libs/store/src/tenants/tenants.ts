import type { NewerInstancePolicy, TenantId } from "@axial/contracts";
import type { Selectable } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database } from "../database.ts";
import type { TenantTable } from "../schema.ts";

const SETTINGS = [
  "weight",
  "max_concurrent_tasks",
  "max_tasks_per_minute",
  "paused",
  "quiet_period_seconds",
  "keep_images_days",
  "keep_studies_days",
  "keep_superseded_days",
  "keep_audit_days",
  "keep_deliveries_days",
  "max_image_bytes",
  "max_requests_per_minute",
  "max_stored_bytes",
  "max_stored_instances",
  "max_pending_tasks",
  "max_keys",
  "max_event_streams",
  "newer_instance",
  "deidentify",
  "deidentify_regions",
] as const;

/** Read as text, written as numbers. */
type Bigints = "max_image_bytes" | "max_stored_bytes" | "max_stored_instances";

/** A tenant with its settings. */
export type TenantRow = Pick<
  Selectable<TenantTable>,
  "id" | "created_at" | (typeof SETTINGS)[number]
>;

/** Settings to change; others are kept. */
export type TenantSettings = Partial<
  Omit<Pick<TenantRow, (typeof SETTINGS)[number]>, Bigints | "deidentify_regions"> & {
    readonly [bytes in Bigints]: number | null;
  } & {
    /** As JSON. */
    readonly deidentify_regions: string;
  }
>;

type Actor = AuditEntry["principal"];

/** All tenants by id, or one. */
export function readTenants(db: Database, only?: TenantId): Promise<TenantRow[]> {
  const query = db
    .selectFrom("tenant")
    .select(["id", "created_at", ...SETTINGS])
    .orderBy("id");
  return (only === undefined ? query : query.where("id", "=", only)).execute();
}

/** Creates a tenant. Returns false when it exists already. */
export function createTenant(
  db: Database,
  { id, settings }: { readonly id: TenantId; readonly settings: TenantSettings },
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const made = await trx
      .insertInto("tenant")
      .values({ id, max_concurrent_tasks: null, max_tasks_per_minute: null, ...settings })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n) return false;
    await writeAudit(trx, { principal: by, action: "tenant.create", target: id });
    return true;
  });
}

/** Changes a tenant's settings. Returns false when the tenant does not exist. */
export function changeTenant(
  db: Database,
  { id, settings }: { readonly id: TenantId; readonly settings: TenantSettings },
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const changed = await trx
      .updateTable("tenant")
      .set(settings)
      .where("id", "=", id)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    const detail = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, value ?? "none"]),
    );
    await writeAudit(trx, { principal: by, action: "tenant.change", target: id, detail });
    return true;
  });
}

/** What becomes of newer versions of a tenant's instances. */
export async function newerInstancePolicy(
  db: Database,
  tenant: TenantId,
): Promise<NewerInstancePolicy> {
  const row = await db
    .selectFrom("tenant")
    .select("newer_instance")
    .where("id", "=", tenant)
    .executeTakeFirst();
  return row?.newer_instance ?? "reject";
}
