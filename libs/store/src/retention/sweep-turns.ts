import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Claims a kind of sweep when it is due; the first process to ask gets it. It is due again after
 * `everySeconds`, even if that process dies. Returns the number of the turn, or null.
 */
export async function takeTurn(
  db: Database,
  name: string,
  everySeconds: number,
): Promise<number | null> {
  const { rows } = await sql<{ place: number }>`
    INSERT INTO sweep (name, due_at) VALUES (${name}, now() + make_interval(secs => ${everySeconds}))
    ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, place = sweep.place + 1
      WHERE sweep.due_at <= now()
    RETURNING place`.execute(db);
  return rows[0]?.place ?? null;
}

/** Makes every kind of sweep due now. */
export async function makeSweepsDue(db: Database): Promise<void> {
  await db
    .updateTable("sweep")
    .set({ due_at: new Date(0) })
    .execute();
}
