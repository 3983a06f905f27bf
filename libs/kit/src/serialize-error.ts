import { AxialError } from "@axial/contracts";
import { ConfigError } from "./config.ts";

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

const WITHHELD = "withheld: it may quote a value";

/**
 * Where text of patients never comes by: connections, queue, bucket. What other packages and the
 * runtime say may quote their argument, as JSON.parse and Intl do.
 */
const FREE_OF_PATIENTS =
  /\/node_modules\/(pg|pg-pool|pg-protocol|ioredis|redis-parser|bullmq|undici|@aws-sdk|@smithy|@opentelemetry)\/|node:(net|internal\/(net|dns|tls|stream_base_commons|child_process))/;

/** Frames of other packages, of the runtime and of the engine. */
const ELSEWHERE = /\/node_modules\/|node:|<anonymous>/;

/** An error of a request, whose message may quote the request, no matter what threw it. */
export class RequestFailure {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/**
 * Reduces `error` to names, codes, stack lines and messages that quote no value: those of ours, of
 * the network and of the system. A Postgres error's message and detail quote row values (`Key
 * (study_uid)=(…) already exists`), so only its SQLSTATE and constraint stay.
 */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof RequestFailure) return serialize(error.thrown, { depth: 0, strict: true });
  return serialize(error, { depth: 0, strict: false });
}

interface Manner {
  readonly depth: number;
  /** Only what Axial says by its catalogue. */
  readonly strict: boolean;
}

function serialize(error: unknown, { depth, strict }: Manner): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "a non-error was thrown" };
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown };
  const deeper = error.cause !== undefined && depth < MAX_CAUSES;
  return {
    type: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: messageOf(error, strict),
    ...(typeof constraint === "string" ? { constraint } : {}),
    ...(error.stack === undefined ? {} : { stack: stackLines(error.stack) }),
    ...(deeper ? { cause: serialize(error.cause, { depth: depth + 1, strict }) } : {}),
  };
}

function messageOf(error: Error, strict: boolean): string {
  const { severity, syscall, code } = error as NodeJS.ErrnoException & { severity?: unknown };
  if (error instanceof AxialError || error instanceof ConfigError) return error.message;
  if (typeof severity === "string") return "the database refused a statement";
  if (syscall !== undefined) return `${syscall} ${code ?? ""}`.trim();
  if (strict) return WITHHELD;
  const thrownBy = /^\s+at .*$/m.exec(error.stack ?? "")?.[0] ?? "";
  if (FREE_OF_PATIENTS.test(thrownBy)) return error.message;
  // The engine of JavaScript quotes values in errors of other types, wherever they are thrown.
  const ours = error.name === "Error" && thrownBy !== "" && !ELSEWHERE.test(thrownBy);
  return ours ? error.message : WITHHELD;
}

/** The frames alone: the first lines repeat the message. */
function stackLines(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
