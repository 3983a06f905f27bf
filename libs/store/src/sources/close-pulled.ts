import type { Lane, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { closeWhere } from "../ingest/close-studies.ts";

interface PulledStudy {
  readonly tenant: TenantId;
  readonly storedUid: string;
  readonly lane: Lane | null;
  readonly models: readonly string[] | null;
}

/**
 * Gives a study that was pulled its lane and models, and closes it: all of it is here. One that is
 * not open is left alone. What came by C-MOVE had the lane of its application entity till now.
 */
export async function closePulled(
  trx: DatabaseTransaction,
  { tenant, storedUid, lane, models }: PulledStudy,
): Promise<void> {
  const wanted = models === null ? null : [...models];
  await sql`
    UPDATE study SET lane = coalesce(${lane}, lane),
      requested_models = coalesce(${wanted}::text[], requested_models)
    WHERE tenant_id = ${tenant} AND study_uid = ${storedUid} AND state = 'receiving'`.execute(trx);
  const condition = sql<boolean>`study.tenant_id = ${tenant} AND study.study_uid = ${storedUid}`;
  await closeWhere(trx, condition, "explicit");
}
