import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../kubernetes-object.ts";

const run = promisify(execFile);

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

/** The output of `helm lint --strict`. Throws when it finds an error. */
export async function lintChart(helm: string, chart: string): Promise<string> {
  return (await run(helm, ["lint", "--strict", chart])).stdout;
}

/** The chart's objects, with some values set ("keda.enabled=false"). */
export async function renderChart(
  helm: string,
  chart: string,
  values: readonly string[] = [],
): Promise<KubernetesObject[]> {
  const set = values.flatMap((value) => ["--set", value]);
  const release = ["axial", chart, "--namespace", "axial", "--kube-version", "1.34.0"];
  const { stdout } = await run(helm, ["template", ...release, ...set]);
  const documents = parseAllDocuments(stdout, { version: "1.1" });
  return documents.map((document) => document.toJS()).filter((object) => object !== null);
}
