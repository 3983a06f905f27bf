import type { BlobKey, SeriesId, StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { PlannableImages, PlannableInstance } from "./study-plan.ts";

/**
 * Slices and frames that are planned of one study, its smaller series first. The largest studies in
 * use have about 20,000 instances, functional MR some 70,000; the tiles of whole slides are never
 * planned.
 */
const MAX_PLANNED_SLICES = 100_000;
/** Series that are planned of one study: each is a row per model. The largest have a few hundred. */
const MAX_PLANNED_SERIES = 1_000;

/** The images of a study with the bytes of their files. */
type SizedImages = PlannableImages & { readonly bytes: number };

interface Row {
  readonly study: StudyId;
  readonly series: SeriesId;
  readonly slices: number;
  /** Null: the series is left out. */
  readonly blob: BlobKey | null;
  readonly kind: PlannableInstance["kind"];
  readonly bytes: string;
  readonly facts: string;
}

/** The images of studies, in the order in which the planner sees them. */
export async function readPlannable(
  db: Database | DatabaseTransaction,
  studies: readonly StudyId[],
): Promise<Map<StudyId, SizedImages>> {
  const { rows } = await sql<Row>`
    WITH image AS (
      SELECT id, study_id, series_id, blob, kind, bytes, facts,
        greatest((facts ->> 'frames')::integer, 1) AS slices
      FROM instance WHERE study_id = ANY(${[...studies]}::text[]) AND own_run_id IS NULL
    ), sized AS (
      SELECT study_id, series_id, sum(slices)::integer AS slices,
        sum(sum(slices)) OVER smallest <= ${MAX_PLANNED_SLICES}
          AND row_number() OVER smallest <= ${MAX_PLANNED_SERIES} AS fits
      FROM image GROUP BY study_id, series_id
      WINDOW smallest AS (PARTITION BY study_id ORDER BY sum(slices), series_id)
    )
    SELECT sized.study_id AS study, sized.series_id AS series, blob, kind, bytes,
      facts::text AS facts, coalesce(image.slices, sized.slices) AS slices
    FROM sized LEFT JOIN image ON fits AND image.study_id = sized.study_id
      AND image.series_id = sized.series_id
    ORDER BY sized.study_id, sized.series_id, image.id`.execute(db);
  const byStudy = Map.groupBy(rows, ({ study }) => study);
  return new Map(studies.map((study) => [study, imagesOf(byStudy.get(study) ?? [])]));
}

function imagesOf(rows: readonly Row[]): SizedImages {
  const instances: PlannableInstance[] = [];
  const leftOut: SeriesId[] = [];
  let [slices, bytes] = [0, 0];
  for (const { series, blob, kind, facts, ...size } of rows) {
    if (blob === null) {
      leftOut.push(series);
      continue;
    }
    instances.push({ series, blob, kind, facts });
    slices += size.slices;
    bytes += Number(size.bytes);
  }
  return { instances, leftOut, slices, bytes };
}
