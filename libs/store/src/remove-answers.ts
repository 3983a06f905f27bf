import type { StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "./database.ts";
import { removeOwnInstances } from "./own/own-instances.ts";

/**
 * Removes what rests on the images of series, and the reports of the study, which name it all; counts
 * the series' instances, and lets go of those that are empty.
 */
export async function removeAnswers(
  trx: DatabaseTransaction,
  study: StudyId,
  touched: readonly string[],
): Promise<void> {
  await removeOwnInstances(trx, study);
  const series = sql`${[...new Set(touched)]}::text[]`;
  await sql`DELETE FROM task WHERE study_id = ${study} AND series_id = ANY(${series})`.execute(trx);
  await sql`DELETE FROM refusal WHERE study_id = ${study}
    AND series_id = ANY(${series})`.execute(trx);
  await sql`UPDATE series SET instance_count =
      (SELECT count(*)::integer FROM instance WHERE series_id = series.id)
    WHERE id = ANY(${series})`.execute(trx);
  await sql`DELETE FROM series WHERE id = ANY(${series}) AND instance_count = 0`.execute(trx);
}
