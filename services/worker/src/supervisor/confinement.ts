import { existsSync } from "node:fs";

const SETPRIV = "/usr/bin/setpriv";
const PRLIMIT = "/usr/bin/prlimit";
/** No core file, which would hold pixels; blobs, models and threads need some dozens of descriptors. */
const LIMITS = ["--core=0", "--nofile=4096"];

/** A program and what stands before its script. */
export interface Command {
  readonly execPath: string;
  readonly execArgv: readonly string[];
}

/**
 * The command under util-linux's tools, where the machine has them: it may never gain privileges
 * (`no_new_privs`), and has limits of its own. They end in the program itself, so that its process
 * id is the child's. An image without them is held by its container's settings.
 */
export function confined(command: Command): Command {
  const outer = [
    ...(existsSync(SETPRIV) ? [SETPRIV, "--no-new-privs"] : []),
    ...(existsSync(PRLIMIT) ? [PRLIMIT, ...LIMITS] : []),
  ];
  const [execPath, ...rest] = [...outer, command.execPath, ...command.execArgv];
  return execPath === undefined ? command : { execPath, execArgv: rest };
}
