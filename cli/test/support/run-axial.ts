import type { Command } from "commander";
import { vi } from "vitest";
import { programFor } from "../../src/program.ts";

/** Runs a command in this process. Resolves with what it prints; rejects where it would exit with 1. */
export async function runAxial(args: readonly string[]): Promise<string> {
  const program = await programFor(args);
  throwing(program);
  let printed = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return printed;
  } finally {
    write.mockRestore();
  }
}

/** Commander ends the process for a wrong command line unless each command says otherwise. */
function throwing(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  for (const sub of command.commands) throwing(sub);
}
