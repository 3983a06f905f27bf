import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { ItemName } from "../files/file-name.ts";
import type { FileStats, FolderMemory } from "../files/walk.ts";
import type { ItemOutcome, ItemState } from "./item-outcome.ts";

/** Counts of items by state and code. */
export interface Tally {
  readonly state: ItemState;
  readonly code: string | null;
  readonly items: number;
  readonly bytes: number;
}

/** An item with its outcome, as a report lists it. */
export interface JournalItem extends ItemOutcome {
  readonly path: Buffer;
  readonly entry: Buffer | null;
  readonly bytes: number;
}

/** A study of a transfer, by its items. */
export interface JournalStudy {
  readonly study: string;
  /** Of all its items. */
  readonly bytes: number;
  /** The server has at least one of its instances. */
  readonly stored: boolean;
  readonly closed: boolean;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS transfer (number INTEGER PRIMARY KEY, finished INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS item (
    path BLOB NOT NULL, place INTEGER NOT NULL, entry BLOB, bytes INTEGER NOT NULL,
    modified_ms REAL NOT NULL, hash TEXT, study TEXT, instance TEXT, state TEXT NOT NULL,
    code TEXT, transfer INTEGER NOT NULL, PRIMARY KEY (path, place)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS item_state ON item (transfer, state, code, path, place);
  CREATE TABLE IF NOT EXISTS study (
    uid TEXT PRIMARY KEY, transfer INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE TEMP TABLE folder (device BLOB, inode BLOB, PRIMARY KEY (device, inode)) WITHOUT ROWID;`;

/** What this transfer stored stays new when the server is asked again and knows it. */
const RECORD = `
  INSERT INTO item (path, place, entry, bytes, modified_ms, hash, study, instance, state, code,
    transfer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (path, place) DO UPDATE SET entry = excluded.entry, bytes = excluded.bytes,
    modified_ms = excluded.modified_ms, hash = excluded.hash, study = excluded.study,
    instance = excluded.instance, code = excluded.code, transfer = excluded.transfer,
    state = CASE WHEN item.transfer = excluded.transfer AND item.state = 'new'
      AND excluded.state = 'known' AND item.hash = excluded.hash
      THEN 'new' ELSE excluded.state END`;

/**
 * What became of every item, on disk: the same command goes on where it was, and the summary of a
 * million files takes no memory. A transfer that was finished is counted anew by the next; one that
 * was interrupted goes on. Nothing in it is believed about the server, which is asked again.
 * Holds names of files and UIDs, so only its owner may read it.
 */
export class Journal {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #transfer: number;
  /** The transfer was interrupted before: it goes on. */
  readonly goesOn: boolean;

  /** Opens or creates the journal. Throws when another process uses it. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#db = new DatabaseSync(file);
    if (file !== ":memory:") chmodSync(file, 0o600);
    try {
      // A lock that is held to the end: two transfers would write over each other's outcomes.
      this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
      this.#db.exec("PRAGMA synchronous = NORMAL");
      this.#db.exec(SCHEMA);
    } catch (cause) {
      throw new Error(`the journal ${file} cannot be used; another transfer may use it`, { cause });
    }
    const last = this.#get("SELECT number, finished FROM transfer ORDER BY number DESC LIMIT 1");
    this.goesOn = last?.finished === 0;
    this.#transfer = this.goesOn ? Number(last?.number) : Number(last?.number ?? 0) + 1;
    this.#run("INSERT OR IGNORE INTO transfer VALUES (?, 0)", this.#transfer);
  }

  /** Says once for each folder that it is new to this process. */
  readonly isNewFolder: FolderMemory = (device, inode) => {
    const key = [Buffer.from(device.toString(16)), Buffer.from(inode.toString(16))];
    return this.#run("INSERT OR IGNORE INTO folder VALUES (?, ?)", ...key) === 1;
  };

  /** The outcome of an unchanged file that has one, of this transfer or an earlier one. */
  recall(path: Buffer, stats: FileStats): (ItemOutcome & { readonly current: boolean }) | null {
    const row = this.#get(
      `SELECT hash, study, instance, state, code, transfer FROM item
       WHERE path = ? AND place = 0 AND bytes = ? AND modified_ms = ?`,
      ...[path, stats.bytes, stats.modifiedMs],
    );
    return row === undefined
      ? null
      : { ...outcomeOf(row), current: row.transfer === this.#transfer };
  }

  /** Keeps outcomes, all or none of them. */
  record(outcomes: readonly { name: ItemName; stats: FileStats; outcome: ItemOutcome }[]): void {
    this.#db.exec("BEGIN");
    for (const { name, stats, outcome } of outcomes) {
      const { state, code, hash, study, instance } = outcome;
      this.#run(
        RECORD,
        ...[name.path, name.place, name.entry, stats.bytes, stats.modifiedMs],
        ...[hash, study, instance, state, code, this.#transfer],
      );
      if (study !== null && (state === "new" || state === "known")) this.#addStudy(study, state);
    }
    this.#db.exec("COMMIT");
  }

  /** A study that gets a new instance is open again. */
  #addStudy(uid: string, state: ItemState): void {
    this.#run(
      `INSERT INTO study (uid, transfer) VALUES (?, ?) ON CONFLICT (uid) DO UPDATE SET
       closed = CASE WHEN excluded.transfer > transfer OR ? THEN 0 ELSE closed END,
       transfer = excluded.transfer`,
      ...[uid, this.#transfer, state === "new" ? 1 : 0],
    );
  }

  /** Studies of this transfer that are not closed yet, a page of them in order after `after`. */
  openStudies(after: string, limit: number): string[] {
    const query =
      "SELECT uid FROM study WHERE transfer = ? AND closed = 0 AND uid > ? ORDER BY uid LIMIT ?";
    return this.#all(query, this.#transfer, after, limit).map((row) => String(row.uid));
  }

  closed(uids: readonly string[]): void {
    for (const uid of uids) this.#run("UPDATE study SET closed = 1 WHERE uid = ?", uid);
  }

  /** Studies of this transfer. */
  *studies(): Generator<string> {
    const query = "SELECT uid FROM study WHERE transfer = ? ORDER BY uid";
    for (const row of this.#prepare(query).iterate(this.#transfer)) yield String(row.uid);
  }

  /** Studies of this transfer with what is known of them, in the order of their UIDs. */
  *studiesByItems(): Generator<JournalStudy> {
    const query = `SELECT item.study, sum(item.bytes) AS bytes, study.uid IS NOT NULL AS stored,
        coalesce(study.closed, 0) AS closed
      FROM item LEFT JOIN study ON study.uid = item.study AND study.transfer = item.transfer
      WHERE item.transfer = ? AND item.study IS NOT NULL GROUP BY item.study ORDER BY item.study`;
    for (const row of this.#prepare(query).iterate(this.#transfer)) {
      const { study, bytes, stored, closed } = row;
      yield {
        ...{ study: String(study), bytes: Number(bytes) },
        ...{ stored: stored === 1, closed: closed === 1 },
      };
    }
  }

  studyCount(): number {
    return Number(
      this.#get("SELECT count(*) AS n FROM study WHERE transfer = ?", this.#transfer)?.n ?? 0,
    );
  }

  tallies(): Tally[] {
    const query = `SELECT state, code, count(*) AS items, sum(bytes) AS bytes FROM item
      WHERE transfer = ? GROUP BY state, code ORDER BY state, code`;
    return this.#all(query, this.#transfer).map((row) => ({
      state: row.state as ItemState,
      code: textOf(row.code),
      items: Number(row.items),
      bytes: Number(row.bytes),
    }));
  }

  /** Items of this transfer in the order of their names, or the first `limit` of a state. */
  *items(of?: { readonly state: ItemState; readonly limit: number }): Generator<JournalItem> {
    const columns = "path, entry, bytes, hash, study, instance, state, code";
    const rows =
      of === undefined
        ? this.#prepare(
            `SELECT ${columns} FROM item WHERE transfer = ? ORDER BY path, place`,
          ).iterate(this.#transfer)
        : this.#all(
            `SELECT ${columns} FROM item WHERE transfer = ? AND state = ?
             ORDER BY code, path, place LIMIT ?`,
            ...[this.#transfer, of.state, of.limit],
          );
    for (const row of rows) {
      const { path, entry, bytes } = row;
      yield {
        ...outcomeOf(row),
        path: Buffer.from(path as Uint8Array),
        entry: entry === null ? null : Buffer.from(entry as Uint8Array),
        bytes: Number(bytes),
      };
    }
  }

  /** Everything went through: the next transfer starts anew. */
  finish(): void {
    this.#run("UPDATE transfer SET finished = 1 WHERE number = ?", this.#transfer);
  }

  close(): void {
    this.#db.close();
  }

  #prepare(query: string): StatementSync {
    const known = this.#statements.get(query) ?? this.#db.prepare(query);
    this.#statements.set(query, known);
    return known;
  }

  #get(query: string, ...values: SQLInputValue[]) {
    return this.#prepare(query).get(...values);
  }

  #all(query: string, ...values: SQLInputValue[]) {
    return this.#prepare(query).all(...values);
  }

  #run(query: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(query).run(...values).changes);
  }
}

function outcomeOf(row: Record<string, unknown>): ItemOutcome {
  return {
    state: row.state as ItemState,
    code: textOf(row.code),
    hash: textOf(row.hash),
    study: textOf(row.study),
    instance: textOf(row.instance),
  };
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
