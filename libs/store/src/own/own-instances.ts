import type { BlobStore } from "@axial/blobs";
import {
  type BlobKey,
  type InstanceFacts,
  newId,
  type RunId,
  type StudyId,
} from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { reprieve, withReprieve } from "../retention/reprieve.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";

/** An object that Axial made of a run. */
export interface OwnInstance {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly seriesUid: string;
  readonly blob: BlobKey;
  readonly bytes: number;
}

export interface NewOwnInstance {
  readonly facts: InstanceFacts;
  readonly seriesTags: TagSnapshot;
  readonly blob: BlobKey;
  readonly bytes: number;
}

interface RunOfStudy {
  readonly study: StudyId;
  readonly run: RunId;
}

/**
 * Writes the rows of a run's objects, and that it is rendered, in one transaction. What is there
 * already stays as it is: rendering twice changes nothing. The study is locked first, as
 * everywhere. Returns false when the study has gone meanwhile.
 */
export function storeOwnInstances(
  db: Database,
  blobs: Pick<BlobStore, "has">,
  { study, run, instances }: RunOfStudy & { readonly instances: readonly NewOwnInstance[] },
): Promise<boolean> {
  return withReprieve((reprieved) =>
    db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ tenant: string }>`
        SELECT tenant_id AS tenant FROM study WHERE id = ${study} FOR UPDATE`.execute(trx);
      const [found] = rows;
      if (found === undefined) return false;
      const keys = instances.map(({ blob }) => blob);
      if (reprieved) await reprieve(trx, blobs, keys);
      await insertRows(trx, { study, run, tenant: found.tenant, instances });
      await sql`UPDATE run SET render_due = false WHERE id = ${run}`.execute(trx);
      return true;
    }),
  );
}

async function insertRows(
  trx: DatabaseTransaction,
  {
    study,
    run,
    tenant,
    instances,
  }: RunOfStudy & { readonly tenant: string; readonly instances: readonly NewOwnInstance[] },
): Promise<void> {
  const rows = instances.map(({ facts, seriesTags, blob, bytes }) => ({
    ...{ id: newId(), series: newId(), series_uid: facts.seriesUid, modality: facts.modality },
    ...{ tags: seriesTags, sop_instance_uid: facts.sopInstanceUid, blob, bytes, facts },
    ...{ sop_class_uid: facts.sopClassUid, transfer_syntax: facts.transferSyntax },
  }));
  const given = sql`jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS w(id text, series text,
    series_uid text, modality text, tags jsonb, sop_instance_uid text, blob text, bytes bigint,
    facts jsonb, sop_class_uid text, transfer_syntax text)`;
  await sql`
    INSERT INTO series (id, study_id, series_uid, modality, tags, own)
    SELECT DISTINCT ON (series_uid) series, ${study}, series_uid, modality, tags, true
    FROM ${given} ORDER BY series_uid
    ON CONFLICT (study_id, series_uid) DO NOTHING`.execute(trx);
  await sql`
    INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
      transfer_syntax, kind, blob, bytes, facts, own_run_id)
    SELECT w.id, ${tenant}, ${study}, series.id, w.sop_instance_uid, w.sop_class_uid,
      w.transfer_syntax, 'dicom', w.blob, w.bytes, w.facts, ${run}
    FROM ${given}
    JOIN series ON series.study_id = ${study} AND series.series_uid = w.series_uid
    ORDER BY w.sop_instance_uid
    ON CONFLICT (tenant_id, sop_instance_uid) DO NOTHING`.execute(trx);
  await sql`
    UPDATE series SET instance_count =
      (SELECT count(*)::integer FROM instance WHERE series_id = series.id)
    WHERE study_id = ${study} AND own`.execute(trx);
}

/** Objects of a study's runs, in the order in which they were made. */
export async function listOwnInstances(
  db: Database,
  study: StudyId,
): Promise<(OwnInstance & { readonly run: RunId })[]> {
  const { rows } = await sql<OwnInstance & { run: RunId }>`
    SELECT own_run_id AS run, sop_instance_uid AS "sopInstanceUid",
      sop_class_uid AS "sopClassUid", series_uid AS "seriesUid", blob, bytes::integer
    FROM instance JOIN series ON series.id = instance.series_id
    WHERE instance.study_id = ${study} AND own_run_id IS NOT NULL
    ORDER BY instance.id`.execute(db);
  return rows;
}

/** Removes what was made of a study, when what it rests on changes. */
export async function removeOwnInstances(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  await sql`DELETE FROM instance WHERE study_id = ${study} AND own_run_id IS NOT NULL`.execute(trx);
  await sql`DELETE FROM series WHERE study_id = ${study} AND own`.execute(trx);
}
