import type { StudyId } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import { OutageLog } from "@axial/kit";
import { type Listener, listen } from "@axial/postgres";

/** Wakes the watchers of a study when a change to it is committed. */
export class StudyWatcher {
  readonly #databaseUrl: string;
  readonly #logger: Logger;
  #listener: Listener | undefined;
  readonly #watchers = new Map<StudyId, Set<() => void>>();
  readonly #ofAll = new Set<(study: StudyId) => void>();

  constructor(databaseUrl: string, logger: Logger) {
    this.#databaseUrl = databaseUrl;
    this.#logger = logger;
  }

  /** Begins to listen; called once. */
  start(): void {
    const outage = new OutageLog(this.#logger, "database notifications");
    const wake = (study: StudyId) => this.#wake(study);
    this.#listener = listen(
      this.#databaseUrl,
      { "study-changed": wake, "study-closed": wake },
      {
        onError: (error) => outage.failed(error),
        onListening: () => outage.worked(),
      },
    );
  }

  /** Calls `wake` after changes of the study until the returned function is called. */
  watch(study: StudyId, wake: () => void): () => void {
    const watchers = this.#watchers.get(study) ?? new Set();
    this.#watchers.set(study, watchers.add(wake));
    return () => {
      watchers.delete(wake);
      if (watchers.size === 0) this.#watchers.delete(study);
    };
  }

  /** Calls `changed` with each study that changes until the returned function is called. */
  watchAll(changed: (study: StudyId) => void): () => void {
    this.#ofAll.add(changed);
    return () => this.#ofAll.delete(changed);
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  #wake(study: StudyId): void {
    for (const wake of this.#watchers.get(study) ?? []) wake();
    for (const changed of this.#ofAll) changed(study);
  }
}
