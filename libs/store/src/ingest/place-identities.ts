import { newId, type StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { contradictions, identityDigest, identityOf, identityTags } from "../patients/identity.ts";
import { keepNames } from "../patients/study-names.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import type { Arrival } from "./count-arrivals.ts";
import type { LockedStudy } from "./lock-studies.ts";

/** An instance that names another patient than its study. */
interface Stranger {
  readonly study: StudyId;
  readonly row: string;
  readonly digest: string;
  readonly tags: TagSnapshot;
}

/** The studies of new instances, and what contradicting patients do to them. */
interface Placing {
  readonly studies: ReadonlyMap<StudyId, LockedStudy>;
  /** `note`: the study is not held yet; it is when it closes and they still contradict. */
  readonly strangers: "hold" | "note";
}

/**
 * Compares the patients that new instances name with those of their locked studies. Facts that a
 * study lacked are added; an instance that contradicts it is kept under a separate identity, and
 * the study is held: nothing in it is planned until an operator has decided (invariant 13).
 */
export async function placeIdentities(
  trx: DatabaseTransaction,
  arrivals: readonly (Arrival & { readonly row: string })[],
  placing: Placing,
): Promise<void> {
  const { studies } = placing;
  const learned = new Map<StudyId, TagSnapshot>();
  const strangers: Stranger[] = [];
  for (const { instance, study, row, inserted } of arrivals) {
    const locked = studies.get(study);
    if (!inserted || locked === undefined || instance.kind !== "dicom") continue;
    const known = learned.get(study) ?? identityTags(locked.tags);
    const own = identityTags(instance.patientTags);
    const identity = identityOf(own);
    if (contradictions(identityOf(known), identity).length > 0) {
      strangers.push({ study, row, digest: identityDigest(identity), tags: own });
    } else learned.set(study, { ...own, ...known });
  }
  await learn(trx, learned, studies);
  await separate(trx, strangers, placing);
}

async function learn(
  trx: DatabaseTransaction,
  learned: ReadonlyMap<StudyId, TagSnapshot>,
  studies: ReadonlyMap<StudyId, LockedStudy>,
): Promise<void> {
  for (const [study, tags] of learned) {
    const locked = studies.get(study);
    const known = locked === undefined ? tags : identityTags(locked.tags);
    if (Object.keys(tags).length === Object.keys(known).length || locked === undefined) continue;
    await sql`UPDATE study SET tags = tags || ${jsonParameter(tags)}::jsonb
      WHERE id = ${study}`.execute(trx);
    await keepNames(trx, [{ study, identity: "", tenant: locked.tenant, tags }]);
  }
}

async function separate(
  trx: DatabaseTransaction,
  strangers: readonly Stranger[],
  placing: Placing,
): Promise<void> {
  if (strangers.length === 0) return;
  const { studies } = placing;
  const distinct = new Map(strangers.map((one) => [`${one.study} ${one.digest}`, one]));
  const rows = [...distinct.values()].map(({ study, digest, tags }) => ({
    ...{ id: newId(), study_id: study, digest, tags },
    tenant_id: studies.get(study)?.tenant ?? "",
  }));
  await sql`
    INSERT INTO study_identity (id, study_id, tenant_id, digest, tags)
    SELECT id, study_id, tenant_id, digest, tags
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS i(id text, study_id text,
      tenant_id text, digest text, tags jsonb)
    ON CONFLICT (study_id, digest) DO NOTHING`.execute(trx);
  const { rows: kept } = await sql<{ id: string; study_id: StudyId; row: string }>`
    WITH wanted AS (SELECT * FROM jsonb_to_recordset(${jsonParameter(strangers)}::jsonb)
      AS s(study text, row text, digest text))
    UPDATE instance SET identity_id = i.id
    FROM wanted w JOIN study_identity i ON i.study_id = w.study AND i.digest = w.digest
    WHERE instance.id = w.row AND i.resolved_at IS NULL
    RETURNING i.id, i.study_id, w.row`.execute(trx);
  await keepTheirNames(trx, kept, { strangers, studies });
  if (placing.strangers === "hold") await hold(trx, kept);
}

interface Kept {
  readonly id: string;
  readonly study_id: StudyId;
  readonly row: string;
}

async function keepTheirNames(
  trx: DatabaseTransaction,
  kept: readonly Kept[],
  known: {
    readonly strangers: readonly Stranger[];
    readonly studies: ReadonlyMap<StudyId, LockedStudy>;
  },
): Promise<void> {
  if (kept.length === 0) return;
  const tagsOf = new Map(known.strangers.map(({ row, tags }) => [row, tags]));
  const named = kept.map(({ id, study_id, row }) => ({
    ...{ study: study_id, identity: id, tags: tagsOf.get(row) ?? {} },
    tenant: known.studies.get(study_id)?.tenant ?? "",
  }));
  await keepNames(trx, [...new Map(named.map((one) => [one.identity, one])).values()]);
}

/** An identity that an operator has said to be the study's patient is not among them. */
async function hold(trx: DatabaseTransaction, kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) return;
  const ids = [...new Set(kept.map(({ study_id }) => study_id))];
  await sql`UPDATE study SET state = 'held', plan_reason = NULL, state_since = now()
    WHERE id = ANY(${ids}) AND state <> 'held'`.execute(trx);
}
