import type { Lane } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Unfinished tasks of one lane and model, over all tenants. */
export interface OutstandingTasks {
  readonly lane: Lane;
  readonly model: string;
  readonly pending: number;
  /** Dispatched or running. */
  readonly active: number;
  /** Images of all of them. */
  readonly images: number;
}

/**
 * Counts unfinished tasks in one pass over the partial indexes; the cost grows with the backlog.
 */
export async function countOutstanding(db: Database): Promise<OutstandingTasks[]> {
  const { rows } = await sql<OutstandingTasks>`
    SELECT lane, model_id AS model,
      count(*) FILTER (WHERE state = 'pending')::integer AS pending,
      count(*) FILTER (WHERE state <> 'pending')::integer AS active,
      sum(slices)::double precision AS images
    FROM task WHERE state IN ('pending', 'dispatched', 'running')
    GROUP BY lane, model_id ORDER BY lane, model_id`.execute(db);
  return rows;
}
