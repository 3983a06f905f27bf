/** An error in a form safe for logs: no values from rows, headers or DICOM. */
interface SerializedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly constraint?: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

/** Deeper causes add nothing. */
const MAX_CAUSES = 4;

/**
 * Reduces `error` to names, codes and stack lines. A Postgres error's message and detail quote
 * row values (`Key (study_uid)=(…) already exists`), so only its SQLSTATE and constraint stay.
 */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "a non-error was thrown" };
  const fields = error as Error & { code?: unknown; severity?: unknown; constraint?: unknown };
  const fromPostgres = typeof fields.severity === "string";
  return {
    type: error.name,
    ...(typeof fields.code === "string" ? { code: fields.code } : {}),
    message: fromPostgres ? "the database refused a statement" : error.message,
    ...(typeof fields.constraint === "string" ? { constraint: fields.constraint } : {}),
    ...(error.stack === undefined ? {} : { stack: stackLines(error.stack) }),
    ...(error.cause === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: serializeError(error.cause, depth + 1) }),
  };
}

/** The frames alone: the first lines repeat the message. */
function stackLines(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
