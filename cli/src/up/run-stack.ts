import { type Logger, runProcess, type Shutdown } from "@axial/kit";

/**
 * Runs a command that starts the whole of Axial. Like a service's process, but a failed start is
 * reported to a person, in a sentence.
 */
export function runStack(logger: Logger, body: (shutdown: Shutdown) => Promise<unknown>): void {
  runProcess(logger, async (shutdown) => {
    try {
      return await body(shutdown);
    } catch (error) {
      process.stderr.write(`axial: ${sentence(error)}\n`);
      process.exitCode = 1;
      return "done";
    }
  });
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === "EADDRINUSE") return `port ${port} is taken: choose another with --port`;
  if (code === "EACCES") return `${error.message}: choose another folder with --data`;
  return error.message;
}
