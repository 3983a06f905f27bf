import type { BackfillItemState, BackfillState, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What a tenant had in the minute that was recorded last. */
export interface TenantWork {
  readonly tenant: TenantId;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
}

/** The tenants with most work in the newest recorded minute, at most `limit`. */
export async function readTenantWork(db: Database, limit: number): Promise<TenantWork[]> {
  const { rows } = await sql<TenantWork>`
    SELECT tenant.id AS tenant, coalesce(sum(waiting), 0)::integer AS waiting,
      coalesce(sum(running), 0)::integer AS running, coalesce(sum(results), 0)::integer AS done
    FROM tenant LEFT JOIN work_minute AS w ON w.tenant_id = tenant.id
      AND w.minute = (SELECT max(minute) FROM work_sample)
    GROUP BY 1 ORDER BY sum(waiting + running + results) DESC NULLS LAST, 1
    LIMIT ${limit}`.execute(db);
  return rows;
}

export interface BackfillFigures {
  readonly backfills: ReadonlyMap<BackfillState, number>;
  /** Of backfills that run or are paused. */
  readonly items: ReadonlyMap<BackfillItemState, number>;
}

/** Backfills by state, and the studies of those that are not over. */
export async function readBackfillFigures(db: Database): Promise<BackfillFigures> {
  const backfills = await sql<{ state: BackfillState; count: number }>`
    SELECT state, count(*)::integer AS count FROM backfill GROUP BY 1`.execute(db);
  const items = await sql<{ state: BackfillItemState; count: number }>`
    SELECT counted.state, sum(items)::integer AS count
    FROM (SELECT backfill_id, state, items FROM backfill_tally
      UNION ALL SELECT backfill_id, state, items FROM backfill_tally_change) AS counted
    JOIN backfill ON backfill.id = counted.backfill_id AND backfill.state IN ('running', 'paused')
    GROUP BY 1 HAVING sum(items) > 0`.execute(db);
  return {
    backfills: new Map(backfills.rows.map(({ state, count }) => [state, count])),
    items: new Map(items.rows.map(({ state, count }) => [state, count])),
  };
}
