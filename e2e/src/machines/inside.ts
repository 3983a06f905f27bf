import { runCommand } from "../chaos/command.ts";
import { readOptions } from "../chaos/options.ts";
import { MACHINE_FAULTS } from "./faults/machine-faults.ts";
import { startMachines } from "./machines.ts";

await runCommand({
  options: readOptions(process.argv.slice(2), { command: "machines", backend: "redis" }),
  faults: MACHINE_FAULTS,
  start: ({ backend }) => startMachines(backend),
});
