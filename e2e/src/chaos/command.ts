import { endWithStarter } from "@axial/kit";
import { runChaos } from "./chaos-run.ts";
import type { Fault } from "./faults/fault.ts";
import type { ChaosOptions } from "./options.ts";
import { reportOf } from "./report.ts";
import type { Stack } from "./stack/stack.ts";

interface ChaosCommand<Broken extends Stack> {
  readonly options: ChaosOptions;
  readonly faults: readonly Fault<Broken>[];
  start(options: ChaosOptions): Promise<Broken>;
}

/** Starts a stack, breaks it, prints the report and sets the exit code. */
export async function runCommand<Broken extends Stack>({
  options,
  faults,
  start,
}: ChaosCommand<Broken>): Promise<void> {
  const began = Date.now();
  // What happens goes to stderr: stdout holds the report alone.
  const say = (line: string) => {
    const seconds = ((Date.now() - began) / 1_000).toFixed(0).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  endWithStarter();
  const stack = await start(options);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stack.close(options.keep).finally(() => process.exit(130)));
  }
  say(`${options.backend}, seed ${options.seed}, ${options.minutes} minutes, in ${stack.folder}`);
  let ok = false;
  try {
    const report = reportOf(await runChaos({ options, stack, faults, say }));
    ok = report.ok;
    process.stdout.write(`${JSON.stringify(report, null, options.json ? 0 : 2)}\n`);
  } finally {
    await stack.close(options.keep || !ok);
    if (!ok) say(`logs: ${stack.folder}/logs`);
  }
  process.exitCode = ok ? 0 : 1;
}
