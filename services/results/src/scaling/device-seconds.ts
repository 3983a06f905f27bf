import type { DeviceTime, WorkerRow } from "@axial/store/views";
import type { LaneWork } from "./may-run-now.ts";

/**
 * The time per image assumed for a model without predictions: a MobileNet on four cores. The first
 * predictions replace it.
 */
const UNKNOWN_MODEL_SECONDS = 0.01;

type Serving = Pick<WorkerRow, "lanes" | "models" | "provider">;

export interface OutstandingWork extends LaneWork {
  /** Seconds that one worker, of those that serve the lane, needs for all of it. */
  readonly deviceSeconds: number;
}

/**
 * Turns images into seconds of the workers that serve the lane: a pool of GPUs is not measured by
 * what the model takes on a CPU. Of a lane that no live worker serves it is the slowest known.
 */
export function inDeviceSeconds(
  work: readonly LaneWork[],
  times: readonly DeviceTime[],
  workers: readonly Serving[],
): OutstandingWork[] {
  return work.map((row) => ({
    ...row,
    deviceSeconds: row.images * secondsPerImage(row, times, workers),
  }));
}

function secondsPerImage(
  { lane, model }: LaneWork,
  times: readonly DeviceTime[],
  workers: readonly Serving[],
): number {
  const known = new Map(
    times.filter((time) => time.model === model).map((time) => [time.provider, time]),
  );
  const serving = workers
    .filter(({ lanes, models }) => lanes.includes(lane) && models.includes(model))
    .flatMap(({ provider }) => known.get(provider)?.secondsPerImage ?? []);
  if (serving.length > 0) return serving.reduce((sum, one) => sum + one, 0) / serving.length;
  const any = [...known.values()].map((time) => time.secondsPerImage);
  return any.length === 0 ? UNKNOWN_MODEL_SECONDS : Math.max(...any);
}
