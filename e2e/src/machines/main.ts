import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { reasonToSkip } from "./reason-to-skip.ts";
import { endLeftovers, RUN } from "./run-processes.ts";

/** What test harnesses take for "skipped". */
const SKIPPED = 77;

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
    stdio: "inherit",
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
