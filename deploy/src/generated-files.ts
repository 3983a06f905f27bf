import { join } from "node:path";
import { prometheusRule } from "./alerts.ts";
import { chartFiles } from "./helm/chart-files.ts";

const DEPLOY = join(import.meta.dirname, "..");
export const CHART = join(DEPLOY, "helm/axial");
const RULE = join(DEPLOY, "k8s/components/monitoring/alerts.yaml");

/** Texts of the files that are made from others, by path. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const copies = await chartFiles();
  return new Map([
    [RULE, await prometheusRule()],
    ...[...copies].map(([name, text]) => [join(CHART, "files", name), text] as const),
  ]);
}
