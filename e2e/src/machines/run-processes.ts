import { processesWith } from "../chaos/audit/processes.ts";
import { killIfAlive } from "../child-processes.ts";

/** In the environment of every process that a run starts, the servers' too. */
export const RUN = "AXIAL_MACHINES_RUN";

/** Kills what a run left behind, which is nothing unless it was killed itself. */
export async function endLeftovers(run: string): Promise<void> {
  for (const pid of (await processesWith(RUN, run)).keys()) killIfAlive(pid);
}
