import type { Lane, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { RATE_TOKENS } from "../dispatch/dispatch-state.ts";

/** A task that is due within this long counts as due: a device takes as long to start. */
const SOON_SECONDS = 60;

/** Unfinished tasks of one tenant, lane and model, and what keeps the tenant from running more. */
export interface Outstanding {
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly model: string;
  readonly pending: number;
  /** Pending, due now or soon, and of a lane that is not paused. */
  readonly due: number;
  readonly dueImages: number;
  /** Dispatched or running. */
  readonly active: number;
  readonly activeImages: number;
  readonly paused: boolean;
  readonly maxConcurrent: number | null;
  /** Tasks that its rate allows within the next minute; null without a limit. */
  readonly rateRoom: number | null;
}

/**
 * Counts unfinished tasks in one pass over the partial indexes; the cost grows with the backlog.
 */
export async function countOutstanding(db: Database): Promise<Outstanding[]> {
  const { rows } = await sql<Outstanding>`
    SELECT task.tenant_id AS tenant, lane, model_id AS model, pending, due,
      coalesce(due_images, 0) AS "dueImages", active, coalesce(active_images, 0) AS "activeImages",
      paused, max_concurrent_tasks AS "maxConcurrent",
      CASE WHEN max_tasks_per_minute IS NOT NULL
        THEN floor(greatest(0, ${RATE_TOKENS}))::integer + max_tasks_per_minute END AS "rateRoom"
    FROM (
      SELECT tenant_id, lane, model_id,
        count(*) FILTER (WHERE state = 'pending')::integer AS pending,
        count(*) FILTER (WHERE soon)::integer AS due,
        sum(slices) FILTER (WHERE soon)::double precision AS due_images,
        count(*) FILTER (WHERE state <> 'pending')::integer AS active,
        sum(slices) FILTER (WHERE state <> 'pending')::double precision AS active_images
      FROM (SELECT *, state = 'pending' AND
          not_before <= now() + make_interval(secs => ${SOON_SECONDS}) AND
          lane NOT IN (SELECT lane FROM paused_lane) AS soon
        FROM task WHERE state IN ('pending', 'dispatched', 'running')) AS unfinished
      GROUP BY tenant_id, lane, model_id) AS task
    JOIN tenant ON tenant.id = task.tenant_id
    ORDER BY lane, model_id, task.tenant_id`.execute(db);
  return rows;
}
