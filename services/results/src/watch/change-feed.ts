import type { StudyId, TenantId } from "@axial/contracts";
import { WakeUp } from "@axial/kit/loops";
import type { Database } from "@axial/store/database";
import { tenantsOf } from "@axial/store/views";
import type { StudyWatcher } from "./study-watcher.ts";

/** Changes of this long are one event: a page reads its lists again for each. */
const GATHER_MS = 1_000;
/** Without changes: proxies see a byte, and what no notification tells of is read again. */
const HEARTBEAT_MS = 10_000;
/** A stream ends after this; the page opens it again. */
const MAX_STREAM_MS = 3_600_000;

/** Tells each tenant's pages that something of theirs changed, not what. */
export class ChangeFeed {
  readonly #db: Database;
  readonly #watcher: StudyWatcher;
  readonly #pages = new Map<TenantId, Set<() => void>>();
  #changed = new Set<StudyId>();
  #gathering: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;

  constructor(db: Database, watcher: StudyWatcher) {
    this.#db = db;
    this.#watcher = watcher;
  }

  /**
   * `changed` whenever a study of the tenant changed, a comment as a heartbeat otherwise, until
   * `signal` is aborted.
   */
  async *events(tenant: TenantId, signal: AbortSignal): AsyncGenerator<string> {
    const wakeUp = new WakeUp();
    let changed = false;
    const leave = this.#join(tenant, () => {
      changed = true;
      wakeUp.wake();
    });
    const end = () => wakeUp.wake();
    signal.addEventListener("abort", end, { once: true });
    const deadline = Date.now() + MAX_STREAM_MS;
    try {
      yield ": listening\n\n";
      while (Date.now() < deadline) {
        await wakeUp.wait(HEARTBEAT_MS);
        if (signal.aborted) return;
        yield changed ? "event: changed\ndata: {}\n\n" : ": still here\n\n";
        changed = false;
      }
    } finally {
      signal.removeEventListener("abort", end);
      leave();
    }
  }

  /** Watches studies while at least one page listens. */
  #join(tenant: TenantId, page: () => void): () => void {
    const pages = this.#pages.get(tenant) ?? new Set();
    this.#pages.set(tenant, pages.add(page));
    this.#unwatch ??= this.#watcher.watchAll((study) => this.#note(study));
    return () => {
      pages.delete(page);
      if (pages.size === 0) this.#pages.delete(tenant);
      if (this.#pages.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }

  #note(study: StudyId): void {
    this.#changed.add(study);
    this.#gathering ??= setTimeout(() => void this.#tell(), GATHER_MS);
  }

  async #tell(): Promise<void> {
    this.#gathering = undefined;
    const studies = [...this.#changed];
    this.#changed = new Set();
    // While the database is away everyone is told: the page says what it cannot read.
    const tenants = await tenantsOf(this.#db, studies).catch(() => [...this.#pages.keys()]);
    for (const tenant of tenants) for (const page of this.#pages.get(tenant) ?? []) page();
  }
}
