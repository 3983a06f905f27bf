import { runCommand } from "./command.ts";
import { PROCESS_FAULTS } from "./faults/process-faults.ts";
import { SERVER_FAULTS } from "./faults/server-faults.ts";
import { readOptions } from "./options.ts";
import { startOneMachine } from "./stack/one-machine.ts";

/** `npm run chaos`: everything on one machine, and everything there that can break. */
await runCommand({
  options: readOptions(process.argv.slice(2), { command: "chaos", backend: "postgres" }),
  faults: [...PROCESS_FAULTS, ...SERVER_FAULTS],
  start: ({ backend }) => startOneMachine(backend),
});
