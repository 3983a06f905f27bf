import type { BlobStore } from "@axial/blobs";
import { AxialError, type InstanceFacts, type StudyId } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { closeWhere } from "../ingest/close-studies.ts";
import type { InstanceOutcome, NewInstance } from "../ingest/new-instance.ts";
import { writeInstances } from "../ingest/store-instances.ts";
import { withReprieve } from "../retention/reprieve.ts";
import type { Schema } from "../schema.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import { type Deletion, levelOf } from "./delete-instances.ts";

type SetAsideRow = Selectable<Schema["deleted_instance"]>;

/** Rows written by one statement: about 2 MB of JSON. */
const BATCH = 1_000;

interface Restored {
  readonly study: StudyId;
  readonly instances: number;
}

/**
 * Brings back what was deleted and is not swept yet, as if it were sent again, closes its study,
 * and so has it planned. What has come back by itself counts as restored. Audited in the same
 * transaction. Throws `not-found` where nothing is left to restore, and `conflict` where every
 * instance was sent again with other content.
 */
export function restoreInstances(
  db: Database,
  blobs: Pick<BlobStore, "has">,
  request: { readonly deletion: Deletion; readonly by: AuditEntry["principal"] },
): Promise<Restored> {
  return withReprieve((reprieved) =>
    db.transaction().execute(async (trx) => {
      const { deletion, by } = request;
      const rows = await restorable(trx, deletion);
      const study = await writeBack(trx, rows, reprieved ? blobs : null);
      if (study === null) throw new AxialError("conflict", { detail: "all of it was sent again" });
      await closeWhere(trx, sql<boolean>`study.id = ${study.id}`, "explicit");
      const { instances } = study;
      const action = `${levelOf(deletion)}.restore`;
      await writeAudit(trx, { principal: by, action, target: study.id, detail: { instances } });
      return { study: study.id, instances };
    }),
  );
}

/** The newest of each instance. */
async function restorable(
  trx: DatabaseTransaction,
  { tenant, study, series, instance }: Deletion,
): Promise<SetAsideRow[]> {
  let query = trx
    .selectFrom("deleted_instance")
    .selectAll()
    .where("tenant_id", "=", tenant)
    .where("study_uid", "=", study)
    .where("reason", "=", "deleted")
    .where("facts", "is not", null)
    .orderBy("deleted_at", "desc")
    .orderBy("sop_instance_uid")
    .forUpdate();
  if (series !== undefined) query = query.where("series_uid", "=", series);
  if (instance !== undefined) query = query.where("sop_instance_uid", "=", instance);
  const newest = new Map<string, SetAsideRow>();
  for (const row of await query.execute()) {
    if (!newest.has(row.sop_instance_uid)) newest.set(row.sop_instance_uid, row);
  }
  if (newest.size === 0) throw new AxialError("not-found", { detail: "nothing to restore" });
  return [...newest.values()];
}

/** Null where every instance was sent again with other content. */
async function writeBack(
  trx: DatabaseTransaction,
  rows: readonly SetAsideRow[],
  blobs: Pick<BlobStore, "has"> | null,
): Promise<{ readonly id: StudyId; readonly instances: number } | null> {
  const restored: string[] = [];
  let study: StudyId | null = null;
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH);
    const outcomes = await writeInstances(trx, batch.map(toInstance), { blobs, strangers: "hold" });
    for (const [index, row] of batch.entries()) {
      const outcome: InstanceOutcome | undefined = outcomes[index];
      if (outcome === undefined || outcome.status === "conflict") continue;
      study = outcome.study;
      restored.push(row.id);
    }
  }
  await sql`DELETE FROM deleted_instance WHERE id = ANY(${restored})`.execute(trx);
  return study === null ? null : { id: study, instances: restored.length };
}

function toInstance(row: SetAsideRow): NewInstance {
  return {
    tenant: row.tenant_id,
    facts: row.facts as InstanceFacts,
    kind: row.kind ?? "dicom",
    blob: row.blob,
    bytes: Number(row.bytes),
    studyTags: row.study_tags as TagSnapshot,
    patientTags: row.patient_tags as TagSnapshot,
    seriesTags: row.series_tags as TagSnapshot,
    ...{ lane: null, expectedInstances: null, models: null },
  };
}
