import type { Lane, TenantId } from "@axial/contracts";
import type { Database, DatabaseTransaction } from "@axial/store/database";
import {
  countInFlightTasks,
  type DispatchedTask,
  type InFlight,
  lockLane,
  savePasses,
  spendRate,
  takeTasks,
  waitingTenants,
} from "@axial/store/dispatch";
import { FairShare } from "./fair-share.ts";
import { inTurns } from "./in-turns.ts";

/** One pass over one lane moves at most this many tasks: a bounded transaction. */
const MAX_PER_PASS = 256;

/** From which lane's backlog onto which lane's queue, and how many jobs that queue may hold. */
export interface LaneRoute {
  readonly lane: Lane;
  readonly dispatchedLane: Lane;
  readonly window: number;
  /** Free places in the window from which on it is filled. */
  readonly refillAt: number;
  readonly dueForSeconds: number;
}

/**
 * Moves as many pending tasks of a lane to `dispatched` as its window has room for, shared fairly
 * between tenants. Committed when it resolves; the caller puts the tasks on the queue. Returns none
 * while another dispatcher works on the lane.
 */
export async function dispatchLane(db: Database, route: LaneRoute): Promise<DispatchedTask[]> {
  return db.transaction().execute(async (trx) => {
    if (!(await lockLane(trx, route.lane))) return [];
    const inFlight = await countInFlightTasks(trx);
    const room = Math.min(MAX_PER_PASS, roomOf(route, inFlight));
    if (room <= 0) return [];
    const tenants = await waitingTenants(trx, route.lane);
    if (tenants.length === 0) return [];
    const shares = new FairShare(tenants, tasksByTenant(inFlight));
    const taken = await takeShares(trx, { route, shares, room });
    await savePasses(trx, route.lane, shares.passes);
    const limited = tenants.filter(({ rateRoom }) => rateRoom !== null);
    const spent = limited.map(({ tenant }) => [tenant, taken.get(tenant)?.length ?? 0] as const);
    await spendRate(trx, new Map(spent));
    return inTurns(
      tenants.map(({ tenant, weight }) => ({ weight, tasks: taken.get(tenant) ?? [] })),
    );
  });
}

interface Taking {
  readonly route: LaneRoute;
  readonly shares: FairShare;
  readonly room: number;
}

/** Takes what is allotted, and reallots what a tenant could not use. */
async function takeShares(
  trx: DatabaseTransaction,
  { route, shares, room }: Taking,
): Promise<Map<TenantId, DispatchedTask[]>> {
  const taken = new Map<TenantId, DispatchedTask[]>();
  let left = room;
  while (left > 0) {
    const allotted = shares.allot(left);
    if (allotted.size === 0) break;
    for (const [tenant, limit] of allotted) {
      const tasks = await takeTasks(trx, { ...route, tenant, limit });
      taken.set(tenant, [...(taken.get(tenant) ?? []), ...tasks]);
      left -= tasks.length;
      if (tasks.length < limit) shares.exhausted(tenant, limit - tasks.length);
    }
  }
  return taken;
}

/** Tasks that the route's window still takes. */
export function roomOf(route: LaneRoute, inFlight: readonly InFlight[]): number {
  return route.window - occupied(inFlight, route);
}

/** Jobs that stand against the route's window: promoted ones have a window of their own. */
function occupied(inFlight: readonly InFlight[], route: LaneRoute): number {
  const promoted = route.lane !== route.dispatchedLane;
  return inFlight
    .filter(({ lane, dispatchedLane }) =>
      promoted
        ? lane === route.lane && dispatchedLane === route.dispatchedLane
        : dispatchedLane === route.dispatchedLane,
    )
    .reduce((sum, { tasks }) => sum + tasks, 0);
}

function tasksByTenant(inFlight: readonly InFlight[]): Map<TenantId, number> {
  const sums = new Map<TenantId, number>();
  for (const { tenant, tasks } of inFlight) sums.set(tenant, (sums.get(tenant) ?? 0) + tasks);
  return sums;
}
