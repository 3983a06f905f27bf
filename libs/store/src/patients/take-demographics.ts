import type { StudyId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import type { TagSnapshot } from "../tag-snapshot.ts";
import { IDENTITY_TAGS } from "./identity.ts";
import { keepNames, PATIENT_NAME } from "./study-names.ts";

interface Demographics {
  readonly study: StudyId;
  readonly tenant: TenantId;
  readonly tags: TagSnapshot;
}

/** Puts these demographics in the place of a locked study's own, its patient's name included. */
export async function takeDemographics(
  trx: DatabaseTransaction,
  { study, tenant, tags }: Demographics,
): Promise<void> {
  await sql`
    UPDATE study SET tags = (tags - ${[...IDENTITY_TAGS]}::text[]) || ${jsonParameter(tags)}::jsonb
    WHERE id = ${study}`.execute(trx);
  await sql`DELETE FROM study_name WHERE study_id = ${study} AND identity_id = ''
    AND tag = ${PATIENT_NAME}`.execute(trx);
  await keepNames(trx, [{ study, identity: "", tenant, tags }]);
}
