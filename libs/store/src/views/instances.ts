import type { StudyId, TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";

/** The blob of an instance; null when the tenant's study has no such UID. */
export async function findInstance(
  db: Database,
  at: { readonly tenant: TenantId; readonly study: StudyId; readonly sopInstanceUid: string },
) {
  const row = await db
    .selectFrom("instance")
    .select(["blob", "kind", "sop_class_uid"])
    .where("tenant_id", "=", at.tenant)
    .where("study_id", "=", at.study)
    .where("sop_instance_uid", "=", at.sopInstanceUid)
    .executeTakeFirst();
  return row ?? null;
}

/** Class and series of every instance of a study that was received, for references to them. */
export function listInstances(db: Database, tenant: TenantId, study: StudyId) {
  return db
    .selectFrom("instance")
    .select(["series_id", "sop_instance_uid", "sop_class_uid", "kind"])
    .where("tenant_id", "=", tenant)
    .where("study_id", "=", study)
    .where("own_run_id", "is", null)
    .orderBy("id")
    .execute();
}
export type InstanceRow = Awaited<ReturnType<typeof listInstances>>[number];
