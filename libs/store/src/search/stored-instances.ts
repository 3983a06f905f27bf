import type { BlobKey, TenantId } from "@axial/contracts";
import { type SqlBool, sql } from "kysely";
import type { Database } from "../database.ts";

/** A study, one of its series, or an instance of that. */
export interface ArchivePath {
  readonly study: string;
  readonly series?: string | undefined;
  readonly instance?: string | undefined;
}

/** An instance and where its file is. */
export interface StoredInstance {
  readonly id: string;
  readonly tenant: TenantId;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  readonly blob: BlobKey;
  readonly bytes: number;
  readonly frames: number;
  /** It holds pixels of its own. */
  readonly hasPixels: boolean;
}

/** DICOM instances of a tenant below `path`, in the order of their series and arrival. */
export async function storedInstances(
  db: Database,
  tenant: TenantId,
  path: ArchivePath,
): Promise<StoredInstance[]> {
  let query = db
    .selectFrom("study")
    .innerJoin("series", "series.study_id", "study.id")
    .innerJoin("instance", "instance.series_id", "series.id")
    .select(["instance.id", "study.study_uid", "series.series_uid"])
    .select(["instance.sop_instance_uid", "instance.transfer_syntax", "instance.blob"])
    .select(["instance.bytes", sql<number>`(instance.facts ->> 'frames')::integer`.as("frames")])
    .select(sql<boolean>`(instance.facts ->> 'hasPixelData')::boolean`.as("hasPixels"))
    .where("study.tenant_id", "=", tenant)
    .where("study.study_uid", "=", path.study)
    .where("instance.kind", "=", "dicom")
    .where(sql<SqlBool>`instance.tenant_id = study.tenant_id`)
    .orderBy("series.id")
    .orderBy("instance.id");
  if (path.series !== undefined) query = query.where("series.series_uid", "=", path.series);
  if (path.instance !== undefined) {
    query = query.where("instance.sop_instance_uid", "=", path.instance);
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    tenant,
    studyUid: row.study_uid,
    seriesUid: row.series_uid,
    sopInstanceUid: row.sop_instance_uid,
    transferSyntax: row.transfer_syntax,
    blob: row.blob,
    bytes: Number(row.bytes),
    frames: row.frames,
    hasPixels: row.hasPixels,
  }));
}
