import { endWithStarter } from "./end-with-starter.ts";
import type { Logger } from "./log.ts";
import { SHUTDOWN_DEADLINE_MS, Shutdown } from "./shutdown.ts";

/** Signals from a person or an orchestrator. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * The life of a process: `start` wires it, a signal closes it in order and ends it with exit code
 * 0, or 1 when something did not close within the deadline. A process whose `start` returns "done"
 * ends in the same way, with the exit code that it set. An uncaught error ends it with 1 at once: a
 * supervisor restarts it, and nothing acknowledged is lost.
 */
export function runProcess(logger: Logger, start: (shutdown: Shutdown) => Promise<unknown>): void {
  const shutdown = new Shutdown(logger);
  let stopping = false;
  const stop = (reason: string): void => {
    // The terminal and the parent process may both forward a signal.
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "shutting down");
    setTimeout(() => {
      const waitsFor = shutdown.current ?? "nothing";
      end(logger, `shutdown deadline exceeded, waiting for: ${waitsFor}`);
    }, SHUTDOWN_DEADLINE_MS).unref();
    void shutdown.close().then((clean) => process.exit(clean ? process.exitCode : 1));
  };
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop(signal));
  endWithStarter();
  process.on("uncaughtException", (error) => end(logger, "uncaught exception", error));
  process.on("unhandledRejection", (error) => end(logger, "unhandled rejection", error));
  start(shutdown)
    .then((outcome) => {
      if (outcome === "done") stop("done");
    })
    .catch((error: unknown) => {
      logger.fatal({ err: error }, "could not start");
      void shutdown.close().then(() => process.exit(1));
    });
}

function end(logger: Logger, message: string, error?: unknown): never {
  logger.fatal({ err: error }, message);
  process.exit(1);
}
