import type { OutstandingTasks } from "@axial/store/views";

/**
 * The time per image assumed for a model without predictions: a MobileNet on four cores. The first
 * predictions replace it.
 */
const UNKNOWN_MODEL_SECONDS = 0.01;

export interface OutstandingWork extends OutstandingTasks {
  /** Seconds that one device needs for all of it. */
  readonly deviceSeconds: number;
}

/** The last measured time per image of each model; an idle model keeps its figure. */
export class DeviceTimes {
  readonly #seconds = new Map<string, number>();

  learn(seconds: ReadonlyMap<string, number>): void {
    for (const [model, perImage] of seconds) this.#seconds.set(model, perImage);
  }

  apply(tasks: readonly OutstandingTasks[]): OutstandingWork[] {
    return tasks.map((row) => ({
      ...row,
      deviceSeconds: row.images * (this.#seconds.get(row.model) ?? UNKNOWN_MODEL_SECONDS),
    }));
  }
}
