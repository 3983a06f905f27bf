import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const DEPLOY = join(import.meta.dirname, "../..");
const DASHBOARDS = join(DEPLOY, "grafana/dashboards");
/** A chart carries only what lies in its folder: copies of these, by their place under files/. */
const SOURCES: Readonly<Record<string, string>> = {
  "alerts.yaml": join(DEPLOY, "prometheus/alerts.yaml"),
  "deletion-cost-policy.yaml": join(DEPLOY, "k8s/components/deletion-cost/admission-policy.yaml"),
};

/** Texts of the chart's copies by path under files/. */
export async function chartFiles(): Promise<ReadonlyMap<string, string>> {
  const dashboards = await readdir(DASHBOARDS);
  const sources = [
    ...Object.entries(SOURCES),
    ...dashboards.map((name) => [`dashboards/${name}`, join(DASHBOARDS, name)] as const),
  ];
  return new Map(
    await Promise.all(
      sources.map(async ([name, path]) => [name, await readFile(path, "utf8")] as const),
    ),
  );
}
