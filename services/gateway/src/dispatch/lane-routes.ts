import { LANES, type Lane } from "@axial/contracts";
import type { LaneRoute } from "./dispatch-lane.ts";

/** Jobs per lane beyond what workers hold, so that none waits for a dispatch. */
const WINDOW_PER_CAPACITY = 2;
/** The window of a lane that no worker has announced itself for. */
const MIN_WINDOW = 16;
/** Redis and the reconciler stay quick however many workers announce themselves. */
const MAX_WINDOW = 20_000;
/**
 * The share of a higher lane's window open to tasks that have waited long in the next lower one.
 */
const AGEING_SHARE = 0.25;
/**
 * A window is refilled when this much of it is free: what is left is still half as much again as
 * workers hold, and a pass that moves one task costs as much as one that moves many.
 */
const REFILL_SHARE = 1 / 4;
/** After this long in the backlog a task may take the next higher lane. */
const ROUTINE_AGES_AFTER_SECONDS = 300;
const BACKFILL_AGES_AFTER_SECONDS = 1_800;

/**
 * The routes from backlog to queue, in the order in which they are served. Every lane fills its own
 * window; what has waited long also gets a share of the lane above, so that no lane waits for ever
 * behind a saturated one. `capacity`: jobs that the lane's workers hold together.
 */
export function laneRoutes(capacity: Readonly<Record<Lane, number>>): LaneRoute[] {
  const window = (lane: Lane) =>
    Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, capacity[lane] * WINDOW_PER_CAPACITY));
  const aged = (lane: Lane) => Math.ceil(window(lane) * AGEING_SHARE);
  const own = (lane: Lane) => ({
    lane,
    dispatchedLane: lane,
    window: window(lane),
    refillAt: lane === "stat" ? 1 : Math.ceil(window(lane) * REFILL_SHARE),
    dueForSeconds: 0,
  });
  return [
    ...LANES.map(own),
    {
      lane: "routine",
      dispatchedLane: "stat",
      window: aged("stat"),
      refillAt: 1,
      dueForSeconds: ROUTINE_AGES_AFTER_SECONDS,
    },
    {
      lane: "backfill",
      dispatchedLane: "routine",
      window: aged("routine"),
      refillAt: 1,
      dueForSeconds: BACKFILL_AGES_AFTER_SECONDS,
    },
  ];
}
