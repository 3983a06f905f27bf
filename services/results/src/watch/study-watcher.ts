import type { Logger } from "@axial/kit";
import { OutageLog } from "@axial/kit";
import { type Listener, openListener } from "@axial/postgres";

/** Postgres channels that tell of a change in a study; the payload is the study's opaque id. */
const CHANNELS = ["axial_result", "axial_closed"] as const;

/** Wakes whoever watches a study when something in it was committed. */
export class StudyWatcher {
  readonly #listener: Listener;
  readonly #watchers = new Map<string, Set<() => void>>();

  constructor(databaseUrl: string, logger: Logger) {
    const outage = new OutageLog(logger, "database notifications");
    const wake = (study: string) => this.#wake(study);
    this.#listener = openListener(
      databaseUrl,
      Object.fromEntries(CHANNELS.map((channel) => [channel, wake])),
      {
        onError: (error) => outage.failed(error),
        onListening: () => outage.worked(),
      },
    );
  }

  /** Calls `wake` after changes of the study until the returned function is called. */
  watch(study: string, wake: () => void): () => void {
    const watchers = this.#watchers.get(study) ?? new Set();
    this.#watchers.set(study, watchers.add(wake));
    return () => {
      watchers.delete(wake);
      if (watchers.size === 0) this.#watchers.delete(study);
    };
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  #wake(study: string): void {
    for (const wake of this.#watchers.get(study) ?? []) wake();
  }
}
