import type { StudyId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** How long the files of what was deleted or replaced are kept. */
const SET_ASIDE_DAYS = 7;

interface SetAside {
  readonly study: StudyId;
  /** Which instances, as a condition on `instance i`, its `series s`. */
  readonly which: RawBuilder<boolean>;
  readonly reason: "deleted" | "replaced";
  /** `study`: as long as the study is there. */
  readonly keep: "days" | "study";
}

/**
 * Moves instances of a locked study out of everything that reads, with what it takes to restore
 * them. Returns the series that they were of, once for each instance. Counts are left to the caller.
 */
export async function setAside(
  trx: DatabaseTransaction,
  { study, which, reason, keep }: SetAside,
): Promise<string[]> {
  const until =
    keep === "study" ? sql`'infinity'` : sql`now() + make_interval(days => ${SET_ASIDE_DAYS})`;
  // What Axial made goes with what it rests on, and is made anew.
  const chosen = sql`i.study_id = ${study} AND i.own_run_id IS NULL AND ${which}`;
  await sql`
    INSERT INTO deleted_instance (id, tenant_id, study_uid, series_uid, sop_instance_uid, blob,
      bytes, kind, facts, study_tags, series_tags, patient_tags, reason, keep_until)
    SELECT i.id, i.tenant_id, study.study_uid, s.series_uid, i.sop_instance_uid, i.blob, i.bytes,
      i.kind, i.facts, study.tags, s.tags, coalesce(identity.tags, study.tags), ${reason}, ${until}
    FROM instance i JOIN series s ON s.id = i.series_id JOIN study ON study.id = i.study_id
    LEFT JOIN study_identity identity ON identity.id = i.identity_id
    WHERE ${chosen}`.execute(trx);
  const { rows } = await sql<{ series_id: string }>`
    DELETE FROM instance i USING series s
    WHERE s.id = i.series_id AND ${chosen} RETURNING i.series_id`.execute(trx);
  return rows.map(({ series_id }) => series_id);
}
