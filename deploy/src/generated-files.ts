import { join } from "node:path";
import { prometheusRule } from "./alerts.ts";
import { chartFiles } from "./helm/chart.ts";
import { buildFolder } from "./kustomize.ts";

const DEPLOY = join(import.meta.dirname, "..");
export const CHART = join(DEPLOY, "helm/axial");
export const CHART_SOURCE = join(DEPLOY, "helm/source");
const RULE = join(DEPLOY, "k8s/components/monitoring/alerts.yaml");

/** The alerts, which the chart's source holds, come before the chart. */
export async function generatedAlerts(): Promise<ReadonlyMap<string, string>> {
  return new Map([[RULE, await prometheusRule()]]);
}

/** Texts of the chart's files by path. */
export async function generatedChart(
  kustomize: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const files = chartFiles(await buildFolder(CHART_SOURCE, kustomize));
  return new Map([...files].map(([path, text]) => [join(CHART, path), text]));
}
