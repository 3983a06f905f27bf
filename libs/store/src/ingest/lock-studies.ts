import { newId, type StudyId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { keepNames, type NamedStudy } from "../patients/study-names.ts";
import type { NewInstance, TagSnapshot } from "./new-instance.ts";

/** A study whose row is locked. */
export interface LockedStudy {
  readonly id: StudyId;
  readonly tenant: TenantId;
  readonly tags: TagSnapshot;
}

export const studyKey = (tenant: TenantId, studyUid: string) => `${tenant}/${studyUid}`;

/** Tries to lock studies that retention removes as often as they are made. */
const MAX_TRIES = 5;

/** Creates missing studies and locks all of them, in key order. */
export async function lockStudies(
  trx: DatabaseTransaction,
  instances: readonly NewInstance[],
): Promise<Map<string, LockedStudy>> {
  const wanted = wantedStudies(instances);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const locked = await makeAndLock(trx, jsonParameter([...wanted.values()]));
    if (locked.size === wanted.size) return locked;
  }
  throw new Error("studies kept being removed while they were created");
}

function wantedStudies(instances: readonly NewInstance[]): Map<string, object> {
  const wanted = new Map<string, object>();
  for (const { tenant, facts, lane, kind, studyTags } of instances) {
    const key = studyKey(tenant, facts.studyUid);
    if (wanted.has(key)) continue;
    wanted.set(key, {
      id: newId(),
      tenant_id: tenant,
      study_uid: facts.studyUid,
      lane: lane ?? "routine",
      tags: studyTags,
      dicom: kind === "dicom",
    });
  }
  return wanted;
}

/** A study that retention removed between the two statements is missing from the result. */
async function makeAndLock(
  trx: DatabaseTransaction,
  parameter: string,
): Promise<Map<string, LockedStudy>> {
  const { rows: made } = await sql<NamedStudy>`
    INSERT INTO study (id, tenant_id, study_uid, state, lane, tags, dicom)
    SELECT id, tenant_id, study_uid, 'receiving', lane, tags, dicom
    FROM jsonb_to_recordset(${parameter}::jsonb)
      AS w(id text, tenant_id text, study_uid text, lane text, tags jsonb, dicom boolean)
    ORDER BY tenant_id, study_uid
    ON CONFLICT (tenant_id, study_uid) DO NOTHING
    RETURNING id AS study, tenant_id AS tenant, tags, '' AS identity`.execute(trx);
  await keepNames(trx, made);
  const { rows } = await sql<LockedStudy & { study_uid: string }>`
    SELECT s.id, s.tenant_id AS tenant, s.study_uid, s.tags FROM study s
    JOIN jsonb_to_recordset(${parameter}::jsonb) AS w(tenant_id text, study_uid text)
      ON s.tenant_id = w.tenant_id AND s.study_uid = w.study_uid
    ORDER BY s.tenant_id, s.study_uid
    FOR UPDATE OF s`.execute(trx);
  return new Map(rows.map((row) => [studyKey(row.tenant, row.study_uid), row]));
}
