import { createLogger } from "@axial/kit";
import type { Command } from "commander";
import { printLine } from "../output.ts";
import { runStack } from "../up/run-stack.ts";
import { startStack } from "../up/stack.ts";
import { stackOptions, type UpFlags, withUpFlags } from "../up/stack-options.ts";

export function registerUp(program: Command): void {
  const command = program
    .command("up")
    .description("start the whole of Axial on this machine, until it is stopped");
  withUpFlags(command).action(up);
}

function up(flags: UpFlags): void {
  const options = stackOptions(flags, process.env);
  const logger = createLogger({ service: "axial", level: options.logLevel, destination: 2 });
  runStack(logger, async (shutdown) => {
    const stack = await startStack(options, logger, shutdown);
    if (stack.keyIsNew) printLine(`key ${stack.key}  (shown once; kept in ${flags.data})`);
    printLine(`ready ${stack.url}`);
  });
}
