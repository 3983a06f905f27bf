import type { Lane } from "@axial/contracts";
import type { NewInstance } from "./new-instance.ts";

/** What arrived for a study, and what the senders asked for; null leaves what the study has. */
export interface Wishes {
  readonly arrived: number;
  readonly lane: Lane | null;
  readonly models: readonly string[] | null;
  readonly expected: number | null;
  readonly trace: string | null;
}

/** `known` with one more instance; of two wishes the later holds. */
export function withWishes(
  known: Wishes | undefined,
  instance: NewInstance,
  isNew: boolean,
): Wishes {
  return {
    arrived: (known?.arrived ?? 0) + Number(isNew),
    lane: instance.lane ?? known?.lane ?? null,
    models: instance.models ?? known?.models ?? null,
    expected: instance.expectedInstances ?? known?.expected ?? null,
    trace: instance.traceParent ?? known?.trace ?? null,
  };
}
