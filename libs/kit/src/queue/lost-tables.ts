/** PostgreSQL's codes for a schema, table, function or type that is not there. */
const NOT_THERE: ReadonlySet<unknown> = new Set(["3F000", "42P01", "42883", "42704"]);

/**
 * True when the queue's own tables are gone: somebody dropped its schema, or restored a database
 * without it. BullMQ makes them when it connects, and only then.
 */
export function areTablesLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_THERE.has(error.code);
}
