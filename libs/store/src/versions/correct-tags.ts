import type { StudyId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import type { NewInstance } from "../ingest/new-instance.ts";
import { jsonParameter } from "../json-parameter.ts";
import { contradictions, IDENTITY_TAGS, identityOf, identityTags } from "../patients/identity.ts";
import { keepNames } from "../patients/study-names.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";

/**
 * Has a locked study and the series of `instance` say what that newer version says of them. A
 * patient who contradicts the study's own is not among it: see `settleIdentities`.
 */
export async function correctTags(
  trx: DatabaseTransaction,
  { study, tenant }: { readonly study: StudyId; readonly tenant: TenantId },
  { facts, studyTags, seriesTags, patientTags }: NewInstance,
): Promise<void> {
  const { rows } = await sql<{ tags: TagSnapshot }>`
    SELECT tags FROM study WHERE id = ${study}`.execute(trx);
  const own = identityTags(patientTags);
  const contradicts = contradictions(identityOf(rows[0]?.tags ?? {}), identityOf(own)).length > 0;
  const identity: readonly string[] = IDENTITY_TAGS;
  const others = Object.entries(studyTags).filter(([tag]) => !identity.includes(tag));
  const tags: TagSnapshot = { ...Object.fromEntries(others), ...(contradicts ? {} : own) };
  await sql`UPDATE study SET tags = tags || ${jsonParameter(tags)}::jsonb
    WHERE id = ${study}`.execute(trx);
  await keepNames(trx, [{ study, identity: "", tenant, tags }]);
  await sql`
    UPDATE series SET tags = tags || ${jsonParameter(seriesTags)}::jsonb,
      modality = ${facts.modality}
    WHERE study_id = ${study} AND series_uid = ${facts.seriesUid}`.execute(trx);
}
