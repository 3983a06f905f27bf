/** What the supervisor last heard of an engine; milliseconds of a monotonic clock. */
export interface EngineVitals {
  readonly state: "starting" | "serving";
  readonly startedAt: number;
  readonly lastMessageAt: number;
  /** Batches on the device, and when one was last seen to have begun or ended. */
  readonly batchesRunning: number;
  readonly batchesChangedAt: number;
  readonly oldestBegunAt: number | null;
}

export interface WatchdogLimits {
  /** Loading every model; TensorRT builds its engines in minutes. */
  readonly startMs: number;
  /** The engine's main thread sends a beat every half second. */
  readonly silenceMs: number;
  readonly batchMs: number;
  readonly taskMs: number;
}

/** Why the engine counts as hung at `now`, or null when it does not. */
export function hangReason(
  vitals: EngineVitals,
  limits: WatchdogLimits,
  now: number,
): string | null {
  if (vitals.state === "starting") {
    return now - vitals.startedAt > limits.startMs ? "it did not start" : null;
  }
  if (now - vitals.lastMessageAt > limits.silenceMs) return "its main thread is silent";
  if (vitals.batchesRunning > 0 && now - vitals.batchesChangedAt > limits.batchMs) {
    return "a batch does not end";
  }
  if (vitals.oldestBegunAt !== null && now - vitals.oldestBegunAt > limits.taskMs) {
    return "a task does not end";
  }
  return null;
}
