import { runChaos } from "./chaos-run.ts";
import { readOptions } from "./options.ts";
import { reportOf } from "./report.ts";
import { startStack } from "./stack/stack.ts";

const options = readOptions(process.argv.slice(2));
const began = Date.now();

/** What happens goes to stderr: stdout holds the report alone. */
function say(line: string): void {
  const seconds = ((Date.now() - began) / 1_000).toFixed(0).padStart(5);
  process.stderr.write(`${seconds} s  ${line}\n`);
}

const stack = await startStack(options.backend);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stack.close(options.keep).finally(() => process.exit(130)));
}
say(`${options.backend}, seed ${options.seed}, ${options.minutes} minutes, in ${stack.folder}`);
let ok = false;
try {
  const report = reportOf(await runChaos({ options, stack, say }));
  ok = report.ok;
  process.stdout.write(`${JSON.stringify(report, null, options.json ? 0 : 2)}\n`);
} finally {
  await stack.close(options.keep || !ok);
  if (!ok) say(`logs: ${stack.folder}/logs`);
}
process.exitCode = ok ? 0 : 1;
