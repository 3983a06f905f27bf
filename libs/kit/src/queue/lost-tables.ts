/** PostgreSQL's codes for a missing schema, table, function or type. */
const NOT_THERE: ReadonlySet<unknown> = new Set(["3F000", "42P01", "42883", "42704"]);

/**
 * True when the queue's own tables are gone: its schema was dropped, or a database was restored
 * without it. BullMQ creates them when it connects, and only then.
 */
export function areTablesLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_THERE.has(error.code);
}
