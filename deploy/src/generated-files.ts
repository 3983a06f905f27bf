import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { chartFiles } from "./helm/chart-files.ts";

const DEPLOY = join(import.meta.dirname, "..");
export const CHART = join(DEPLOY, "helm/axial");
const ALERTS = join(DEPLOY, "prometheus/alerts.yaml");
const RULE = join(DEPLOY, "k8s/components/monitoring/alerts.yaml");

/** Texts of the files that are made from others, by path. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const copies = await chartFiles();
  return new Map([
    [RULE, await prometheusRule()],
    ...[...copies].map(([name, text]) => [join(CHART, "files", name), text] as const),
  ]);
}

/** Prometheus' own rules file as the object that the Prometheus operator reads. */
async function prometheusRule(): Promise<string> {
  const { groups }: { groups: unknown } = parse(await readFile(ALERTS, "utf8"));
  const rule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "axial" },
    spec: { groups },
  };
  return `# Made from deploy/prometheus/alerts.yaml by \`npm run deploy:generate\`.\n${stringify(rule, { version: "1.1" })}`;
}
