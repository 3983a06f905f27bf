import { HOME_TENANT } from "@axial/contracts";
import type { Access } from "@axial/kit";
import { GroupCommit } from "@axial/kit/loops";
import { type AuditEntry, writeAudit } from "@axial/store/audit";
import type { Database } from "@axial/store/database";

/** An access like one that is on record adds to its count instead, for this long. */
const WINDOW_MS = 60_000;
/** How often counts whose window is over are written. */
const SWEEP_MS = 5_000;
/** Windows in memory; beyond it each access is an entry. 500 readers with 100 studies a minute each. */
const MAX_WINDOWS = 50_000;
/** Rows of one statement. */
const MAX_ENTRIES = 500;

interface Window {
  readonly access: Access;
  readonly until: number;
  /** Resolves when the first of these accesses is on record. */
  readonly recorded: Promise<unknown>;
  /** Accesses since the first, and their counts. */
  repeated: number;
  counts: Record<string, number>;
}

/**
 * The audit of what is read, stored and refused. The first access of a key and address to a study
 * is an entry that is committed before the access is answered; those like it within a minute are
 * counted, and a second entry says how many. What arrives together is committed together.
 */
export class AuditTrail {
  readonly #windows = new Map<string, Window>();
  readonly #commits: GroupCommit<AuditEntry>;
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database) {
    this.#commits = new GroupCommit({ maxItems: MAX_ENTRIES }, (entries) =>
      writeAudit(db, ...entries),
    );
    this.#timer = setInterval(() => this.#writeCounts(Date.now()), SWEEP_MS);
  }

  /** Resolves when the access is on record; rejects when it cannot be. */
  record = async (access: Access): Promise<void> => {
    const now = Date.now();
    const name = nameOf(access);
    const window = this.#windows.get(name);
    if (window !== undefined && now < window.until) {
      window.repeated += 1;
      addCounts(window.counts, access.counts);
      await window.recorded;
      return;
    }
    if (window !== undefined) this.#writeCount(name, window);
    const recorded = this.#commits.submit([entryOf(access, { ...access.counts })]);
    if (this.#windows.size < MAX_WINDOWS) {
      const opened = { access, until: now + WINDOW_MS, recorded, repeated: 0, counts: {} };
      this.#windows.set(name, opened);
      recorded.catch(() => this.#windows.delete(name));
    }
    await recorded;
  };

  /** Resolves once all counts are written. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#writeCounts(Number.POSITIVE_INFINITY);
    await this.#commits.idle();
  }

  #writeCounts(now: number): void {
    for (const [name, window] of this.#windows) {
      if (now >= window.until) this.#writeCount(name, window);
    }
  }

  /** A count that cannot be written waits for the next sweep: the database is away. */
  #writeCount(name: string, window: Window): void {
    const { access, repeated, counts } = window;
    this.#windows.delete(name);
    if (repeated === 0) return;
    this.#commits.submit([entryOf(access, { ...counts, repeated })]).catch(() => {
      if (!this.#windows.has(name)) this.#windows.set(name, window);
    });
  }
}

/** Accesses of one name are alike. */
function nameOf({ counts: _, ...access }: Access): string {
  const { tenant, keyId, address, action, outcome, target, studyUid, detail } = access;
  return JSON.stringify([tenant, keyId, address, action, outcome, target, studyUid, detail]);
}

function entryOf(access: Access, counts: Readonly<Record<string, number>>): AuditEntry {
  const { tenant, keyId, detail, counts: _, ...rest } = access;
  const principal = { tenant: tenant ?? HOME_TENANT, keyId };
  return { ...rest, principal, detail: { ...detail, ...counts } };
}

function addCounts(to: Record<string, number>, from: Access["counts"] = {}): void {
  for (const [name, count] of Object.entries(from)) to[name] = (to[name] ?? 0) + count;
}
