import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

const RULES = join(import.meta.dirname, "../prometheus/alerts.yaml");

/** Prometheus' own rules file as the object that the Prometheus operator reads. */
export async function prometheusRule(): Promise<string> {
  const { groups }: { groups: unknown } = parse(await readFile(RULES, "utf8"));
  const rule = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "axial" },
    spec: { groups },
  };
  return `# Made from deploy/prometheus/alerts.yaml by \`npm run deploy:generate\`.\n${stringify(rule, { version: "1.1" })}`;
}
