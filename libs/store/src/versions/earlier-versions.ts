import type { BlobKey, TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";

/** An earlier version of an instance, which a newer one replaced. */
interface EarlierVersion {
  readonly id: string;
  readonly series: string;
  readonly instance: string;
  readonly blob: BlobKey;
  readonly bytes: number;
  readonly replacedAt: Date;
  /** Null: as long as the study. */
  readonly keepUntil: Date | null;
}

/** Earlier versions of a tenant's study, or the one of that id; the last replaced first. */
export async function earlierVersions(
  db: Database,
  {
    tenant,
    study,
    id,
  }: { readonly tenant: TenantId; readonly study: string; readonly id?: string },
): Promise<EarlierVersion[]> {
  let query = db
    .selectFrom("deleted_instance")
    .selectAll()
    .where("tenant_id", "=", tenant)
    .where("study_uid", "=", study)
    .where("reason", "=", "replaced")
    .orderBy("deleted_at", "desc")
    .orderBy("sop_instance_uid");
  if (id !== undefined) query = query.where("id", "=", id);
  return (await query.execute()).map((row) => ({
    id: row.id,
    series: row.series_uid,
    instance: row.sop_instance_uid,
    blob: row.blob,
    bytes: Number(row.bytes),
    replacedAt: row.deleted_at,
    keepUntil: row.keep_until instanceof Date ? row.keep_until : null,
  }));
}
