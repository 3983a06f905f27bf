import { parseArgs } from "node:util";
import type { Check, Scene } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { Cluster } from "./cluster.ts";
import { commitHere, type Result, readResults, writeReport } from "./report.ts";
import { stage } from "./stage.ts";

/**
 * `npm run e2e:cluster -- [--only CHECK,…] [--outage-minutes 10] [--as-is | --down]`: a real Kubernetes on this machine,
 * Axial on it by chart and by kustomize, and a line for each check. The cluster stays up for the next run;
 * `--as-is` runs checks without looking after what they stand on, `--down` ends it. Needs root, Docker with the images of `npm run images` (and
 * `npm run images:offline` where no registry is), Go. Exit code 0 when every check that was run holds.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    "outage-minutes": { type: "string", default: "10" },
    "as-is": { type: "boolean", default: false },
    down: { type: "boolean", default: false },
  },
});

const cluster = await Cluster.open();
if (flags.down) await cluster.script("down");
else process.exitCode = (await runAll()) ? 0 : 1;

async function runAll(): Promise<boolean> {
  const wanted = flags.only.split(",").filter((name) => name !== "");
  const unknown = wanted.filter((name) => CHECKS.every((check) => check.name !== name));
  if (unknown.length > 0) {
    const names = CHECKS.map(({ name }) => name).join(", ");
    console.error(`no check is called ${unknown.join(", ")}; there are ${names}`);
    return false;
  }
  if (!flags["as-is"]) for (const { name, run } of stage(cluster)) await timed(name, run);
  const scene = { cluster, outageMinutes: Number(flags["outage-minutes"]) };
  let ok = true;
  for (const check of CHECKS) {
    if (wanted.length > 0 && !wanted.includes(check.name)) continue;
    const result = await tried(check, scene);
    ok &&= result.ok;
    await writeReport(cluster, CHECKS, { ...(await readResults()), [check.name]: result });
  }
  return ok;
}

async function timed(name: string, run: () => Promise<unknown>): Promise<void> {
  const began = Date.now();
  await run();
  console.log(`ready   ${name} (${secondsSince(began)} s)`);
}

async function tried({ name, run }: Check, scene: Scene): Promise<Result> {
  const began = Date.now();
  const [ok, seen] = await run(scene).then(
    (text) => [true, text] as const,
    (error: unknown) => [false, error instanceof Error ? error.message : String(error)] as const,
  );
  const seconds = secondsSince(began);
  console.log(`${ok ? "ok    " : "FAILED"}  ${name} (${seconds} s): ${seen}`);
  const at = new Date().toISOString().slice(0, 16).replace("T", " ");
  return { ok, seconds, seen, at, commit: await commitHere() };
}

function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 1_000);
}
