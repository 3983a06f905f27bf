import { AxialError, type StudyId, type TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { notify } from "../notify.ts";
import { cancelActiveRuns, type WithdrawnJob } from "../planning/cancel-runs.ts";
import { afterRemoval } from "./after-removal.ts";
import { setAside } from "./set-aside.ts";

/** A study, a series of it, or an instance of that, by their UIDs. */
export interface Deletion {
  readonly tenant: TenantId;
  readonly study: string;
  readonly series?: string | undefined;
  readonly instance?: string | undefined;
}

/**
 * Deletes instances with every answer that rests on their series; see `afterRemoval`. The files are
 * kept for a week (see `setAside`), in which `restoreInstances` brings them back, then swept; what is sent
 * again is new. Audited in the same transaction. Returns the jobs to withdraw after it. Throws
 * `not-found`, and `conflict` for a study under legal hold, of which nothing is touched.
 */
export function deleteInstances(
  db: Database,
  deletion: Deletion,
  by: AuditEntry["principal"],
): Promise<WithdrawnJob[]> {
  return db.transaction().execute(async (trx) => {
    const found = await trx
      .selectFrom("study")
      .select("id")
      .where("tenant_id", "=", deletion.tenant)
      .where("study_uid", "=", deletion.study)
      .executeTakeFirst();
    if (found === undefined) throw nothing();
    // Tasks and runs before the study: the order in which the recorder locks them.
    const jobs = await cancelActiveRuns(trx, found.id);
    await lock(trx, found.id);
    const which = within(deletion);
    const touched = await setAside(trx, {
      ...{ study: found.id, which, reason: "deleted", keep: "days" },
    });
    if (touched.length === 0) throw nothing();
    await afterRemoval(trx, found.id, touched);
    const action = `${levelOf(deletion)}.delete`;
    const detail = { instances: touched.length };
    await writeAudit(trx, { principal: by, action, target: found.id, detail });
    await notify(trx, { event: "study-changed", payload: found.id });
    return jobs;
  });
}

async function lock(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  const row = await trx
    .selectFrom("study")
    .select("hold_since")
    .where("id", "=", study)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw nothing();
  if (row.hold_since !== null) {
    throw new AxialError("conflict", { detail: "the study is under legal hold" });
  }
}

export function levelOf({ series, instance }: Deletion): "study" | "series" | "instance" {
  if (instance !== undefined) return "instance";
  return series === undefined ? "study" : "series";
}

/** Which instances of the study, as a condition on `i` and its series `s`. */
function within({ series, instance }: Deletion): RawBuilder<boolean> {
  const bySeries = series === undefined ? sql`true` : sql`s.series_uid = ${series}`;
  const byUid = instance === undefined ? sql`true` : sql`i.sop_instance_uid = ${instance}`;
  return sql<boolean>`${bySeries} AND ${byUid}`;
}

function nothing(): AxialError {
  return new AxialError("not-found", { detail: "nothing that could be deleted" });
}
