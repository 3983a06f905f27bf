import { type DestinationStream, type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { serializeError } from "./serialize-error.ts";

export type { Logger };

interface LoggerOptions {
  readonly service: string;
  readonly level?: string;
  /** 1 stdout (default), 2 stderr, or a stream of the test's own. */
  readonly destination?: 1 | 2 | DestinationStream;
}

/**
 * JSON lines; pretty on a terminal. Errors are reduced to what cannot carry patient data
 * (invariant 4), and request headers are never logged.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? 1;
  return pino(
    {
      level: options.level ?? "info",
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: serializeError, error: serializeError },
      formatters: { level: (label) => ({ level: label }) },
    },
    typeof destination === "number" ? openStream(destination) : destination,
  );
}

function openStream(descriptor: 1 | 2): DestinationStream {
  const terminal = descriptor === 1 ? process.stdout.isTTY : process.stderr.isTTY;
  if (terminal) {
    return pretty({ destination: descriptor, sync: true, ignore: "pid,hostname,service" });
  }
  return pino.destination({ dest: descriptor, sync: true });
}
