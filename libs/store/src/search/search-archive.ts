import type { InstanceFacts, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database.ts";
import type { TagSnapshot } from "../ingest/new-instance.ts";
import { IDENTITY_TAGS } from "../patients/identity.ts";
import type { SearchLevel } from "./attributes.ts";

interface ArchiveSearch {
  readonly tenant: TenantId;
  readonly level: SearchLevel;
  readonly studyUid?: string | undefined;
  readonly seriesUid?: string | undefined;
  /** From `searchAttribute`, of this level or one above it. */
  readonly conditions: readonly RawBuilder<boolean>[];
  readonly limit: number;
  readonly offset: number;
}

export interface FoundStudy {
  readonly study_uid: string;
  readonly study_tags: TagSnapshot;
  readonly study_series: number;
  readonly study_instances: number;
  readonly modalities: readonly string[];
}

export interface FoundSeries extends FoundStudy {
  readonly series_uid: string;
  readonly modality: string | null;
  readonly series_tags: TagSnapshot;
  readonly series_instances: number;
}

export interface FoundInstance extends FoundSeries {
  readonly sop_instance_uid: string;
  readonly sop_class_uid: string;
  readonly transfer_syntax: string;
  readonly facts: InstanceFacts;
}

/** What a search of each level finds: its own columns and those of what it belongs to. */
export interface Found {
  readonly study: FoundStudy;
  readonly series: FoundSeries;
  readonly instance: FoundInstance;
}

/** Counts for each returned row, never for rows that `offset` skips. */
const COUNTED = sql`
  (SELECT count(*)::integer FROM series s WHERE s.study_id = study.id) AS study_series,
  ARRAY(SELECT DISTINCT s.modality FROM series s
    WHERE s.study_id = study.id AND s.modality IS NOT NULL ORDER BY 1) AS modalities`;
const STUDY_COLUMNS = sql`study.study_uid, study.tags AS study_tags,
  study.instance_count + (SELECT coalesce(sum(s.instance_count), 0)::integer FROM series s
    WHERE s.study_id = study.id AND s.own) AS study_instances`;
const SERIES_COLUMNS = sql`series.series_uid, series.modality, series.tags AS series_tags,
  series.instance_count AS series_instances`;
const INSTANCE_COLUMNS = sql`instance.sop_instance_uid, instance.sop_class_uid,
  instance.transfer_syntax, instance.facts`;

const STUDY_KEY = sql`study.id AS study, study.identity_id AS identity`;

/**
 * Each level in two steps: `keys` of one page, found and ordered by what indexes hold, so that rows
 * which `offset` passes over are never read, then `columns` of that page. The order is the newest
 * study first, then as things arrived.
 */
const LEVELS = {
  study: {
    keys: STUDY_KEY,
    joined: sql``,
    received: sql`study.dicom AND study.instance_count > 0`,
    ofIdentity: sql`true`,
    order: sql`study.id DESC`,
    columns: STUDY_COLUMNS,
    again: sql``,
  },
  series: {
    keys: sql`${STUDY_KEY}, series.id AS series`,
    joined: sql`JOIN series ON series.study_id = study.id`,
    received: sql`study.dicom AND series.instance_count > 0`,
    ofIdentity: sql`EXISTS (SELECT FROM instance i WHERE i.series_id = series.id
      AND coalesce(i.identity_id, '') = study.identity_id)`,
    order: sql`study.id DESC, series.id`,
    columns: sql`${STUDY_COLUMNS}, ${SERIES_COLUMNS}`,
    again: sql`JOIN series ON series.id = page.series`,
  },
  instance: {
    keys: sql`${STUDY_KEY}, series.id AS series, instance.id AS instance`,
    joined: sql`JOIN series ON series.study_id = study.id
      JOIN instance ON instance.series_id = series.id`,
    received: sql`instance.kind = 'dicom'`,
    ofIdentity: sql`coalesce(instance.identity_id, '') = study.identity_id`,
    order: sql`study.id DESC, series.id, instance.id`,
    columns: sql`${STUDY_COLUMNS}, ${SERIES_COLUMNS}, ${INSTANCE_COLUMNS}`,
    again: sql`JOIN series ON series.id = page.series JOIN instance ON instance.id = page.instance`,
  },
} as const;

/**
 * Studies, series or instances of a tenant that were received as DICOM and match. A study whose
 * instances name several patients is found by each of them, and shown for each.
 */
export async function searchArchive<Level extends SearchLevel>(
  db: Database,
  search: ArchiveSearch & { readonly level: Level },
): Promise<Found[Level][]> {
  const several = await namesSeveralPatients(db, search.tenant);
  const { rows } = await archiveQuery<Level>(search, several).execute(db);
  return rows;
}

/** The statement of a search; `several`: studies may name several patients. */
export function archiveQuery<Level extends SearchLevel>(
  search: ArchiveSearch & { readonly level: Level },
  several: boolean,
): RawBuilder<Found[Level]> {
  const { keys, joined, received, ofIdentity, order, columns, again } = LEVELS[search.level];
  const { studyUid, seriesUid, tenant, limit, offset } = search;
  const conditions = [
    sql`study.tenant_id = ${tenant}`,
    received,
    ...(several ? [ofIdentity] : []),
    ...(studyUid === undefined ? [] : [sql`study.study_uid = ${studyUid}`]),
    ...(seriesUid === undefined ? [] : [sql`series.series_uid = ${seriesUid}`]),
    ...search.conditions,
  ];
  const studies = several ? BY_PATIENT : BY_STUDY;
  const ofPatient = several ? sql`AND study.identity_id = page.identity` : sql``;
  return sql<Found[Level]>`
    SELECT ${columns}, ${COUNTED} FROM (
      SELECT ${keys} FROM ${studies} ${joined}
      WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}) AS page
    JOIN ${studies} ON study.id = page.study ${ofPatient} ${again}
    ORDER BY ${order}`;
}

/** Rare, and then only until an operator has decided. */
async function namesSeveralPatients(db: Database, tenant: TenantId): Promise<boolean> {
  const { rows } = await sql`SELECT FROM study_identity
    WHERE tenant_id = ${tenant} AND resolved_at IS NULL LIMIT 1`.execute(db);
  return rows.length > 0;
}

const KEPT = sql`s.id, s.tenant_id, s.study_uid, s.instance_count, s.dicom`;
const BY_STUDY = sql`(SELECT ${KEPT}, s.tags, '' AS identity_id FROM study s) AS study`;
/** The patient of another identity replaces the study's own. */
const BY_PATIENT = sql`(
  SELECT ${KEPT}, s.tags, '' AS identity_id FROM study s
  UNION ALL
  SELECT ${KEPT}, (s.tags - ${sql.lit(`{${IDENTITY_TAGS.join()}}`)}::text[]) || i.tags,
    i.id AS identity_id
  FROM study_identity i JOIN study s ON s.id = i.study_id WHERE i.resolved_at IS NULL) AS study`;
