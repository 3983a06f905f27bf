import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Entries of one turn: some tens of milliseconds. */
const BATCH = 1_000;

/**
 * Gives entries that have none their place in their tenant's chain. Resolves with how many; fewer
 * than asked for when no more wait, or another process is at it.
 */
export async function chainAudit(db: Database, most: number = BATCH): Promise<number> {
  const { rows } = await sql<{ chained: number }>`
    SELECT chain_audit(${most}::integer) AS chained`.execute(db);
  return rows[0]?.chained ?? 0;
}
