import type { OutstandingTasks } from "@axial/store/views";

/**
 * What an image takes of a model that has predicted nothing yet: a MobileNet on four cores. The
 * first predictions replace it.
 */
const UNKNOWN_MODEL_SECONDS = 0.01;

export interface OutstandingWork extends OutstandingTasks {
  /** Seconds that one device needs for all of it. */
  readonly deviceSeconds: number;
}

/** How long each model takes for an image, as last seen; a model that rests keeps its figure. */
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
