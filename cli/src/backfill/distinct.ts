import { DatabaseSync, type StatementSync } from "node:sqlite";

/**
 * Tells what is new from what was seen, and counts it. What was seen is in a temporary file of
 * SQLite's, so that the memory for a million studies is that for a thousand.
 */
export class Distinct {
  readonly #db = new DatabaseSync("");
  readonly #insert: StatementSync;

  constructor() {
    this.#db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      CREATE TABLE seen (kind TEXT, word TEXT, PRIMARY KEY (kind, word)) WITHOUT ROWID; BEGIN`);
    this.#insert = this.#db.prepare("INSERT OR IGNORE INTO seen VALUES (?, ?)");
  }

  /** True the first time that `word` is seen among its kind. */
  add(kind: string, word: string): boolean {
    return Number(this.#insert.run(kind, word).changes) === 1;
  }

  count(kind: string): number {
    const row = this.#db.prepare("SELECT count(*) AS words FROM seen WHERE kind = ?").get(kind);
    return Number(row?.words ?? 0);
  }

  close(): void {
    this.#db.close();
  }
}
