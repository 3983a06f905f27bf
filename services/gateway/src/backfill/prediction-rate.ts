import type { Database } from "@axial/store/database";
import { readThroughput } from "@axial/store/views";

/** The last hour, or the last day where nothing ran in that. */
const MINUTES = [60, 1_440];

/** Predictions of a busy minute, of all tenants; null when none was made for a day. */
export async function predictionRate(db: Database): Promise<number | null> {
  for (const minutes of MINUTES) {
    const rates = await readThroughput(db, { minutes });
    const busy = rates.filter(({ predictions }) => predictions > 0);
    if (busy.length > 0) {
      return busy.reduce((sum, { predictions }) => sum + predictions, 0) / busy.length;
    }
  }
  return null;
}
