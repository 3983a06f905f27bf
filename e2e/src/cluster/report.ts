import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { type Check, POINTS, type Point } from "./check.ts";
import { CLUSTER_FOLDER, type Cluster } from "./cluster.ts";
import { runCommand } from "./command.ts";

const FILE = fileURLToPath(new URL("../../../docs/CLUSTER.md", import.meta.url));
/** Results of earlier runs: `--only` adds to them. */
const RESULTS = `${CLUSTER_FOLDER}/results.json`;

export interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  /** What was seen, or what was wrong. */
  readonly seen: string;
  /** When, to the minute, in UTC; and of which commit. */
  readonly at: string;
  readonly commit: string;
}

type Results = Readonly<Record<string, Result>>;

export async function readResults(): Promise<Results> {
  const text = await readFile(RESULTS, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  return JSON.parse(text) as Results;
}

/** Keeps the results and writes docs/CLUSTER.md. */
export async function writeReport(
  cluster: Cluster,
  checks: readonly Check[],
  results: Results,
): Promise<void> {
  await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  const versions = (await cluster.script("versions")).split("\n").map((line) => line.trim());
  const points = (Object.keys(POINTS) as Point[]).map((point) =>
    section(
      POINTS[point],
      checks.filter((check) => check.point === point),
      results,
    ),
  );
  const cores = availableParallelism();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  await writeFile(
    FILE,
    `# Axial on a running Kubernetes

Written by \`npm run e2e:cluster\`: not by hand. The cluster is \`e2e/cluster/cluster.sh\`: two nodes in namespaces of one
machine (here ${cores} cores, ${gigabytes} GB), every program built from the Go module proxy, containerd and runc from Debian; no GPU.
Times are of that machine, with whatever else it did. \`npm run e2e:cluster -- --only NAME\` repeats one check.

${versions.join(" · ")}

${points.join("\n")}`,
  );
}

function section(title: string, checks: readonly Check[], results: Results): string {
  const rows = checks.map(({ name, shows }) => {
    const result = results[name];
    if (result === undefined) return `| \`${name}\` | ${shows} | not run | |`;
    const { ok, seconds, seen, at, commit } = result;
    const state = ok ? "seen" : "**failed**";
    return `| \`${name}\` | ${shows} | ${state} ${at}, ${commit}, ${seconds} s | ${cell(seen)} |`;
  });
  return `## ${title}\n\n| check | shows | result | seen |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The commit that is tried, and whether the tree differs from it. */
export async function commitHere(): Promise<string> {
  const { stdout } = await runCommand("git", ["describe", "--always", "--dirty", "--abbrev=7"]);
  return stdout.trim();
}
