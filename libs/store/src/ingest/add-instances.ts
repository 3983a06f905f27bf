import { newId, type StudyId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { identityTags } from "../patients/identity.ts";
import { isCondemnedError } from "../retention/reprieve.ts";
import { studyKey } from "./lock-studies.ts";
import type { InstanceOutcome, NewInstance } from "./new-instance.ts";
import { type Wishes, withWishes } from "./wishes.ts";

/** SQLSTATE `unique_violation`. */
const STORED_MEANWHILE = "23505";

/**
 * Writes further instances of series that are being received: one statement, and so one round trip,
 * where the general way takes eight. Returns null and writes nothing when any of them is more than
 * that; see migration 48.
 */
export async function addInstances(
  db: Database,
  instances: readonly NewInstance[],
): Promise<InstanceOutcome[] | null> {
  if (instances.some(({ kind }) => kind !== "dicom")) return null;
  const studies = await call(db, instances).catch(leaveToGeneralWay);
  if (studies.size === 0) return null;
  return instances.map(({ tenant, facts }) => {
    const study = studies.get(studyKey(tenant, facts.studyUid));
    if (study === undefined) throw new Error("a study that was just counted is missing");
    return { status: "stored", study };
  });
}

interface StudyKeyed {
  readonly tenant_id: TenantId;
  readonly study_uid: string;
}

async function call(
  db: Database,
  instances: readonly NewInstance[],
): Promise<Map<string, StudyId>> {
  const { rows } = await sql<StudyKeyed & { readonly study_id: StudyId }>`
    SELECT tenant_id, study_uid, study_id FROM add_instances(
      ${jsonParameter(instances.map(arrivalOf))}::jsonb,
      ${jsonParameter(wishesOf(instances))}::jsonb)`.execute(db);
  return new Map(rows.map((row) => [studyKey(row.tenant_id, row.study_uid), row.study_id]));
}

function arrivalOf({ tenant, facts, kind, blob, bytes, patientTags }: NewInstance): object {
  return {
    id: newId(),
    tenant_id: tenant,
    study_uid: facts.studyUid,
    series_uid: facts.seriesUid,
    sop_instance_uid: facts.sopInstanceUid,
    sop_class_uid: facts.sopClassUid,
    transfer_syntax: facts.transferSyntax,
    ...{ kind, blob, bytes, facts },
    identity: identityTags(patientTags),
  };
}

function wishesOf(instances: readonly NewInstance[]): object[] {
  const wishes = new Map<string, Wishes & StudyKeyed>();
  for (const instance of instances) {
    const { tenant, facts } = instance;
    const key = studyKey(tenant, facts.studyUid);
    const study = { tenant_id: tenant, study_uid: facts.studyUid };
    wishes.set(key, { ...study, ...withWishes(wishes.get(key), instance, true) });
  }
  return [...wishes.values()];
}

/** Another transaction stores one of them, or its blob is to be reprieved first. */
function leaveToGeneralWay(error: unknown): Map<string, StudyId> {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === STORED_MEANWHILE || isCondemnedError(error)) return new Map();
  throw error;
}
