import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { freePort } from "@axial/testkit";

/** Where a process runs and listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** The command that starts another one there: empty for this machine itself. */
  readonly launcher: readonly string[];
}

/** Where a service runs; a gateway takes associations there too. */
export interface ServicePlace extends Place {
  readonly dimsePort: number;
}

/** Free ports of this machine's loopback interface. */
export async function here(): Promise<ServicePlace> {
  return {
    ...{ host: "127.0.0.1", port: await freePort(), dimsePort: await freePort() },
    launcher: [],
  };
}

/**
 * Starts a command by a launcher, in its own group: Ctrl-C reaches only its starter, which closes
 * it last.
 */
export function launch(
  launcher: readonly string[],
  command: readonly [string, ...string[]],
  options: SpawnOptions,
): ChildProcess {
  const [program = command[0], ...rest] = [...launcher, ...command];
  return spawn(program, rest, { ...options, detached: true });
}
