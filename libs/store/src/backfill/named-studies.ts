import { newId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import type { BackfillRow } from "./backfills.ts";

/** A study that a client names. */
export interface NamedStudy {
  /** As the source names it. */
  readonly sourceUid: string;
  /** As it is stored. */
  readonly storedUid: string;
}

/**
 * Adds studies that a client names: to be pulled, or to be run as they are here. One that
 * was added before stays as it is.
 */
export async function addNamedStudies(
  trx: DatabaseTransaction,
  { id, tenant_id: tenant, source }: BackfillRow,
  items: readonly NamedStudy[],
): Promise<void> {
  const isPulled = source === "pulled";
  const rows = items.map((item) => ({ id: newId<string>(), ...item }));
  await sql`
    INSERT INTO backfill_item (id, backfill_id, tenant_id, study_uid, source_uid, state, whole)
    SELECT id, ${id}, ${tenant}, "storedUid", CASE WHEN ${isPulled}::boolean THEN "sourceUid" END,
      CASE WHEN ${isPulled}::boolean THEN 'waiting' ELSE 'sent' END, NOT ${isPulled}::boolean
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb)
      AS i(id text, "sourceUid" text, "storedUid" text)
    ON CONFLICT (backfill_id, study_uid) DO NOTHING`.execute(trx);
}
