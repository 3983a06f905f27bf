import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { processesWith } from "../chaos/audit/processes.ts";
import { killIfAlive } from "../child-processes.ts";
import { reasonToSkip } from "./reason-to-skip.ts";

/** What test harnesses take for "skipped". */
const SKIPPED = 77;
/** In the environment of every process that a run starts, the servers' too. */
const RUN = "AXIAL_MACHINES_RUN";

/**
 * `npm run machines`: the chaos suite on many machines. They are network namespaces, and so is
 * the one that the run itself goes on in: nothing of this machine's own network is touched, and
 * the kernel takes everything down with the last process in it, however the run ends.
 */
const reason = await reasonToSkip();
if (reason === null) process.exitCode = await runInside(randomBytes(8).toString("hex"));
else {
  process.stderr.write(`skipped: ${reason}\n`);
  process.exitCode = SKIPPED;
}

async function runInside(run: string): Promise<number> {
  const inside = fileURLToPath(new URL("inside.ts", import.meta.url));
  const command = [process.execPath, inside, ...process.argv.slice(2)];
  const child = spawn("unshare", ["--net", "--mount", "--", ...command], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [RUN]: run },
  });
  // A Ctrl-C in the terminal reaches the child by itself; this process only waits for its end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const code = await new Promise<number>((resolve) => {
    child.once("exit", (status) => resolve(status ?? 1));
  });
  await endLeftovers(run);
  return code;
}

/** Kills what a run left behind, which is nothing unless it was killed itself. */
async function endLeftovers(run: string): Promise<void> {
  for (const pid of (await processesWith(RUN, run)).keys()) killIfAlive(pid);
}
