import type { InstanceFacts, TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database.ts";
import type { TagSnapshot } from "../ingest/new-instance.ts";
import type { SearchLevel } from "./attributes.ts";

export interface ArchiveSearch {
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

const STUDY_COLUMNS = sql`study.study_uid, study.tags AS study_tags,
  study.instance_count AS study_instances,
  (SELECT count(*)::integer FROM series s WHERE s.study_id = study.id) AS study_series,
  ARRAY(SELECT DISTINCT s.modality FROM series s
    WHERE s.study_id = study.id AND s.modality IS NOT NULL ORDER BY 1) AS modalities`;
const SERIES_COLUMNS = sql`series.series_uid, series.modality, series.tags AS series_tags,
  series.instance_count AS series_instances`;
const INSTANCE_COLUMNS = sql`instance.sop_instance_uid, instance.sop_class_uid,
  instance.transfer_syntax, instance.facts`;

/** Columns, tables and order of each level: the newest study first, then as things arrived. */
const LEVELS = {
  study: {
    columns: STUDY_COLUMNS,
    from: sql`study`,
    received: sql`EXISTS (SELECT FROM instance i WHERE i.study_id = study.id AND i.kind = 'dicom')`,
    order: sql`study.id DESC`,
  },
  series: {
    columns: sql`${STUDY_COLUMNS}, ${SERIES_COLUMNS}`,
    from: sql`study JOIN series ON series.study_id = study.id`,
    received: sql`EXISTS (SELECT FROM instance i
      WHERE i.series_id = series.id AND i.kind = 'dicom')`,
    order: sql`study.id DESC, series.id`,
  },
  instance: {
    columns: sql`${STUDY_COLUMNS}, ${SERIES_COLUMNS}, ${INSTANCE_COLUMNS}`,
    from: sql`study JOIN series ON series.study_id = study.id
      JOIN instance ON instance.series_id = series.id`,
    received: sql`instance.kind = 'dicom'`,
    order: sql`study.id DESC, series.id, instance.id`,
  },
} as const;

/** Studies, series or instances of a tenant that were received as DICOM and match. */
export async function searchArchive<Level extends SearchLevel>(
  db: Database,
  search: ArchiveSearch & { readonly level: Level },
): Promise<Found[Level][]> {
  const { columns, from, received, order } = LEVELS[search.level];
  const { studyUid, seriesUid } = search;
  const conditions = [
    sql`study.tenant_id = ${search.tenant}`,
    received,
    ...(studyUid === undefined ? [] : [sql`study.study_uid = ${studyUid}`]),
    ...(seriesUid === undefined ? [] : [sql`series.series_uid = ${seriesUid}`]),
    ...search.conditions,
  ];
  const { rows } = await sql<Found[Level]>`
    SELECT ${columns} FROM ${from}
    WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY ${order} LIMIT ${search.limit} OFFSET ${search.offset}`.execute(db);
  return rows;
}
