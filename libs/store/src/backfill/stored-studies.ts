import { type BackfillFilter, newId, type StudyId, type TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import type { BackfillRow } from "./backfills.ts";

/** Studies that one transaction lists. */
const PAGE = 2_000;

/** Studies of a tenant: those that a filter finds, and of them those that a client names. */
export interface Selected {
  readonly tenant: TenantId;
  readonly filter: BackfillFilter;
  /** Study Instance UIDs; null for all. */
  readonly studies?: readonly string[] | null;
}

/** PNG and JPEG images are not studies. */
function matching({ tenant, filter, studies = null }: Selected): RawBuilder<boolean> {
  const { modality = null, from = null, to = null, description = null } = filter;
  const uids = studies === null ? null : [...studies];
  const date = sql`study.tags #>> '{00080020,Value,0}'`;
  return sql<boolean>`study.tenant_id = ${tenant} AND study.dicom AND study.instance_count > 0
    AND (${uids}::text[] IS NULL OR study.study_uid = ANY(${uids}::text[]))
    AND (${modality}::text IS NULL OR EXISTS (SELECT FROM series
      WHERE series.study_id = study.id AND series.modality = ${modality}))
    AND (${from}::text IS NULL OR ${date} >= ${from})
    AND (${to}::text IS NULL OR ${date} <= ${to})
    AND (${description}::text IS NULL OR position(lower(${description}::text)
      IN lower(study.tags #>> '{00081030,Value,0}')) > 0)`;
}

/** Adds the next page of the stored studies to a backfill. Returns true when there may be more. */
export async function listStored(
  trx: DatabaseTransaction,
  backfill: BackfillRow,
): Promise<boolean> {
  const { rows } = await sql<{ id: StudyId; study: string }>`
    SELECT id, study_uid AS study FROM study
    WHERE ${matching({ tenant: backfill.tenant_id, filter: backfill.filter })}
      AND study.id > coalesce((SELECT listed_after FROM backfill WHERE id = ${backfill.id}
        FOR UPDATE), '')
    ORDER BY study.id LIMIT ${PAGE}`.execute(trx);
  const items = rows.map(({ study }) => ({ id: newId(), study }));
  await sql`
    INSERT INTO backfill_item (id, backfill_id, tenant_id, study_uid, state, whole)
    SELECT id, ${backfill.id}, ${backfill.tenant_id}, study, 'sent', true
    FROM jsonb_to_recordset(${jsonParameter(items)}::jsonb) AS i(id text, study text)
    ON CONFLICT (backfill_id, study_uid) DO NOTHING`.execute(trx);
  const more = rows.length === PAGE;
  await sql`UPDATE backfill SET listed = ${!more}, listed_after = ${rows.at(-1)?.id ?? ""}
    WHERE id = ${backfill.id}`.execute(trx);
  return more;
}

/** How much a filter finds. */
export interface Selection {
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
}

export async function countSelection(db: Database, selected: Selected): Promise<Selection> {
  const { rows } = await sql<Selection>`
    SELECT count(*)::integer AS studies, coalesce(sum(study.instance_count), 0)::integer AS instances,
      coalesce(sum((SELECT count(*) FROM series WHERE series.study_id = study.id)), 0)::integer
        AS series
    FROM study WHERE ${matching(selected)}`.execute(db);
  return rows[0] ?? { studies: 0, series: 0, instances: 0 };
}

/** At most `limit` studies of a selection, spread over it, each with its size. */
export async function sampleSelection(
  db: Database,
  selected: Selected,
  limit: number,
): Promise<{ readonly id: StudyId; readonly instances: number }[]> {
  const { rows } = await sql<{ id: StudyId; instances: number }>`
    SELECT id, instance_count AS instances FROM study WHERE ${matching(selected)}
    ORDER BY hashtext(id) LIMIT ${limit}`.execute(db);
  return rows;
}

/** Whether a filter finds any study. */
export async function findsStudy(
  db: Database | DatabaseTransaction,
  selected: Selected,
): Promise<boolean> {
  const { rows } = await sql`SELECT FROM study WHERE ${matching(selected)} LIMIT 1`.execute(db);
  return rows.length > 0;
}
