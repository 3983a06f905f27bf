import type { BlobStore } from "@axial/blobs";
import { type BlobKey, newId, type SeriesId, type StudyId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { reprieve, withReprieve } from "../retention/reprieve.ts";
import { addInstances } from "./add-instances.ts";
import { type Arrival, countArrivals } from "./count-arrivals.ts";
import { lockStudies, studyKey } from "./lock-studies.ts";
import type { InstanceOutcome, NewInstance } from "./new-instance.ts";
import { placeIdentities } from "./place-identities.ts";

/**
 * Writes the rows of many instances in one transaction. Returns an outcome for each, in their
 * order. Any number of senders may do this concurrently, even for the same studies: studies are
 * locked first, in key order, and instances inserted in theirs, so that transactions wait for each
 * other and never deadlock. Throws `unavailable` when a blob has been collected since it was
 * written: it has to be written again.
 */
export async function storeInstances(
  db: Database,
  instances: readonly NewInstance[],
  blobs: Pick<BlobStore, "has">,
): Promise<InstanceOutcome[]> {
  const added = await addInstances(db, instances);
  if (added !== null) return added;
  return withReprieve((reprieved) =>
    db.transaction().execute((trx) => {
      return writeInstances(trx, instances, { blobs: reprieved ? blobs : null, strangers: "hold" });
    }),
  );
}

interface WriteOptions {
  /** Where blobs are looked up whose condemnation is to be withdrawn; see `withReprieve`. */
  readonly blobs: Pick<BlobStore, "has"> | null;
  /** What a patient who contradicts the study's own does to it: see `placeIdentities`. */
  readonly strangers: "hold" | "note";
}

/** The same within a transaction. */
export async function writeInstances(
  trx: DatabaseTransaction,
  instances: readonly NewInstance[],
  { blobs, strangers }: WriteOptions,
): Promise<InstanceOutcome[]> {
  const locked = await lockStudies(trx, instances);
  const studies = new Map([...locked].map(([key, { id }]) => [key, id]));
  const keys = instances.map((instance) => instance.blob);
  if (blobs !== null) await reprieve(trx, blobs, keys);
  const series = await ensureSeries(trx, instances, studies);
  const rows = instances.map((instance) => toRow(instance, studies, series));
  const inserted = await insertInstances(trx, rows);
  const outcomes = await compareWithStored(trx, rows, inserted);
  const arrivals = instances.map((instance, index) => {
    const row = rows[index] ?? missing();
    return { ...arrival(instance, row, inserted), row: row.id };
  });
  await countArrivals(trx, arrivals);
  const lockedById = new Map([...locked.values()].map((one) => [one.id, one]));
  await placeIdentities(trx, arrivals, { studies: lockedById, strangers });
  return outcomes;
}

interface SeriesKeyed {
  readonly study_id: StudyId;
  readonly series_uid: string;
}

const seriesKey = (row: SeriesKeyed) => `${row.study_id}/${row.series_uid}`;

/** The lock on the study keeps other transactions from creating the same series. */
async function ensureSeries(
  trx: DatabaseTransaction,
  instances: readonly NewInstance[],
  studies: ReadonlyMap<string, StudyId>,
): Promise<Map<string, SeriesId>> {
  const wanted = new Map<string, object>();
  for (const instance of instances) {
    const { facts, tenant, seriesTags } = instance;
    const study_id = studies.get(studyKey(tenant, facts.studyUid)) ?? missing();
    const row = { study_id, series_uid: facts.seriesUid };
    if (wanted.has(seriesKey(row))) continue;
    wanted.set(seriesKey(row), { ...row, id: newId(), modality: facts.modality, tags: seriesTags });
  }
  const { rows } = await sql<SeriesKeyed & { id: SeriesId }>`
    WITH wanted AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${jsonParameter([...wanted.values()])}::jsonb)
        AS w(id text, study_id text, series_uid text, modality text, tags jsonb)
    ), made AS (
      INSERT INTO series (id, study_id, series_uid, modality, tags)
      SELECT id, study_id, series_uid, modality, tags FROM wanted
      ON CONFLICT (study_id, series_uid) DO NOTHING
      RETURNING id, study_id, series_uid
    )
    SELECT * FROM made
    UNION ALL
    SELECT s.id, s.study_id, s.series_uid FROM series s
      JOIN wanted w ON s.study_id = w.study_id AND s.series_uid = w.series_uid`.execute(trx);
  return new Map(rows.map((row) => [seriesKey(row), row.id]));
}

/** A row of `instance`, with its columns' names. */
interface InstanceRow {
  readonly id: string;
  readonly tenant_id: TenantId;
  readonly study_id: StudyId;
  readonly series_id: SeriesId;
  readonly sop_instance_uid: string;
  readonly blob: BlobKey;
}

function toRow(
  instance: NewInstance,
  studies: ReadonlyMap<string, StudyId>,
  series: ReadonlyMap<string, SeriesId>,
): InstanceRow & Record<string, unknown> {
  const { facts } = instance;
  const study_id = studies.get(studyKey(instance.tenant, facts.studyUid)) ?? missing();
  return {
    id: newId(),
    tenant_id: instance.tenant,
    study_id,
    series_id: series.get(seriesKey({ study_id, series_uid: facts.seriesUid })) ?? missing(),
    sop_instance_uid: facts.sopInstanceUid,
    sop_class_uid: facts.sopClassUid,
    transfer_syntax: facts.transferSyntax,
    kind: instance.kind,
    blob: instance.blob,
    bytes: instance.bytes,
    facts,
  };
}

function arrival(instance: NewInstance, row: InstanceRow, inserted: ReadonlySet<string>): Arrival {
  return { instance, study: row.study_id, series: row.series_id, inserted: inserted.has(row.id) };
}

/** Ids of the new rows; a UID that exists already, or a second time among them, is left out. */
async function insertInstances(
  trx: DatabaseTransaction,
  rows: readonly InstanceRow[],
): Promise<Set<string>> {
  const inserted = await sql<{ id: string }>`
    INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
      transfer_syntax, kind, blob, bytes, facts)
    SELECT id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
      transfer_syntax, kind, blob, bytes, facts
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS w(id text, tenant_id text,
      study_id text, series_id text, sop_instance_uid text, sop_class_uid text,
      transfer_syntax text, kind text, blob text, bytes bigint, facts jsonb)
    ORDER BY tenant_id, sop_instance_uid
    ON CONFLICT (tenant_id, sop_instance_uid) DO NOTHING
    RETURNING id`.execute(trx);
  return new Set(inserted.rows.map((row) => row.id));
}

/** Compares rows that were not inserted with the committed row that has their UID. */
async function compareWithStored(
  trx: DatabaseTransaction,
  rows: readonly InstanceRow[],
  inserted: ReadonlySet<string>,
): Promise<InstanceOutcome[]> {
  const others = rows.filter((row) => !inserted.has(row.id));
  const held = others.length === 0 ? new Map<string, InstanceRow>() : await readHeld(trx, others);
  return rows.map((row) => {
    if (inserted.has(row.id)) return { status: "stored", study: row.study_id };
    const holder = held.get(instanceKey(row)) ?? missing();
    const sameStudy = holder.study_id === row.study_id;
    if (sameStudy && holder.blob === row.blob) return { status: "duplicate", study: row.study_id };
    return { status: "conflict", study: holder.study_id, held: holder.blob, sameStudy };
  });
}

const instanceKey = (row: Pick<InstanceRow, "tenant_id" | "sop_instance_uid">) =>
  `${row.tenant_id}/${row.sop_instance_uid}`;

async function readHeld(
  trx: DatabaseTransaction,
  rows: readonly InstanceRow[],
): Promise<Map<string, InstanceRow>> {
  const keys = rows.map(({ tenant_id, sop_instance_uid }) => ({ tenant_id, sop_instance_uid }));
  const { rows: held } = await sql<InstanceRow>`
    SELECT i.id, i.tenant_id, i.study_id, i.series_id, i.sop_instance_uid, i.blob
    FROM instance i
    JOIN jsonb_to_recordset(${jsonParameter(keys)}::jsonb)
      AS w(tenant_id text, sop_instance_uid text)
      ON i.tenant_id = w.tenant_id AND i.sop_instance_uid = w.sop_instance_uid`.execute(trx);
  return new Map(held.map((row) => [instanceKey(row), row]));
}

function missing(): never {
  throw new Error("a row that was just locked is missing");
}
