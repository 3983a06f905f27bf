import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../kubernetes-object.ts";

const run = promisify(execFile);
/** With its dashboards the chart has about 100 kB. */
const MAX_CHART_BYTES = 16 << 20;

/** The helm program; null where it is not installed. */
export async function findHelm(): Promise<string | null> {
  for (const program of ["helm", join(homedir(), "go/bin/helm")]) {
    const works = await run(program, ["version"]).then(
      () => true,
      () => false,
    );
    if (works) return program;
  }
  return null;
}

const EXAMPLES = join(import.meta.dirname, "../../helm/examples");

export interface RenderOptions {
  /** Names of files in deploy/helm/examples, the later over the earlier. */
  readonly examples?: readonly string[];
  /** Single values: "keda.enabled=false". */
  readonly set?: readonly string[];
  readonly release?: string;
  readonly namespace?: string;
}

/** Names of the example values. */
export function examples(): string[] {
  return readdirSync(EXAMPLES).map((file) => basename(file, ".yaml"));
}

/** The output of `helm lint --strict`. Throws when it finds an error. */
export async function lintChart(
  helm: string,
  chart: string,
  options: RenderOptions = {},
): Promise<string> {
  return (await run(helm, ["lint", "--strict", chart, ...valueFlags(options)])).stdout;
}

/** The objects that the chart renders. */
export async function renderChart(
  helm: string,
  chart: string,
  options: RenderOptions = {},
): Promise<KubernetesObject[]> {
  const { release = "axial", namespace = "axial" } = options;
  const place = ["--namespace", namespace, "--kube-version", "1.34.0"];
  const { stdout } = await run(
    helm,
    ["template", release, chart, ...place, ...valueFlags(options)],
    { maxBuffer: MAX_CHART_BYTES },
  );
  const documents = parseAllDocuments(stdout, { version: "1.1" });
  return documents.map((document) => document.toJS()).filter((object) => object !== null);
}

function valueFlags({ examples: files = [], set = [] }: RenderOptions): string[] {
  return [
    ...files.flatMap((name) => ["--values", join(EXAMPLES, `${name}.yaml`)]),
    ...set.flatMap((value) => ["--set", value]),
  ];
}
