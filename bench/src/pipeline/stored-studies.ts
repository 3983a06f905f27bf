import type { BlobStore } from "@axial/blobs";
import { newUid, type StudyId, type TenantId } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import type { Database } from "@axial/store/database";
import { type NewInstance, storeInstances } from "@axial/store/ingest";
import { phantomSeries } from "@axial/testkit";

export const TENANT = "default" as TenantId;
/** Files that differ; studies beyond share them under other UIDs. 40 MB, as a page cache holds. */
const DISTINCT_SERIES = 12;
const SIZE = 320;

type Template = Pick<NewInstance, "facts" | "blob" | "bytes">;

/** Puts generated 320×320 16-bit MR series into the blob store. */
export async function storeSeries(
  blobs: BlobStore,
  slices: number,
  distinct: number = DISTINCT_SERIES,
): Promise<Template[][]> {
  const templates: Template[][] = [];
  for (let seed = 1; seed <= distinct; seed++) {
    const { files } = phantomSeries({ kind: "brain", seed, slices, size: SIZE });
    const keys = await blobs.putMany(files);
    templates.push(
      files.flatMap((bytes, index) => {
        const blob = keys[index];
        const facts = instanceFacts(readInstance(bytes));
        return blob === undefined ? [] : [{ facts, blob, bytes: bytes.length }];
      }),
    );
  }
  return templates;
}

/** A study of one series that has these files. */
export function studyOf(
  series: readonly Template[],
  { tenant, lane }: Pick<NewInstance, "tenant" | "lane">,
): NewInstance[] {
  const [studyUid, seriesUid] = [newUid(), newUid()];
  return series.map(({ facts, blob, bytes }) => ({
    tenant,
    facts: { ...facts, studyUid, seriesUid, sopInstanceUid: newUid() },
    kind: "dicom",
    blob,
    bytes,
    patientTags: {},
    studyTags: {},
    seriesTags: {},
    lane,
    expectedInstances: null,
    models: null,
  }));
}

/** Writes the rows of `count` studies of one series each, received and not yet closed. */
export async function storeStudies(
  { db, blobs }: { readonly db: Database; readonly blobs: BlobStore },
  templates: readonly (readonly Template[])[],
  count: number,
): Promise<StudyId[]> {
  const ids: StudyId[] = [];
  for (let index = 0; index < count; index++) {
    const series = templates[index % templates.length] ?? [];
    const instances = studyOf(series, { tenant: TENANT, lane: "routine" });
    const [outcome] = await storeInstances(db, instances, blobs);
    if (outcome?.status === "stored") ids.push(outcome.study);
  }
  return ids;
}
