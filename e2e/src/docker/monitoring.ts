import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Prometheus } from "./prometheus.ts";

const DASHBOARDS = fileURLToPath(new URL("../../../deploy/grafana/dashboards/", import.meta.url));
const METRIC = /\baxial_[a-z0-9_]+/g;
const LEGEND_LABEL = /{{(\w+)}}/g;
/** Series that a histogram or summary adds to the name that it declares. */
const PARTS = /_(bucket|sum|count)$/;

/** One line of one panel, as Grafana is provisioned with it. */
interface Query {
  readonly where: string;
  readonly legend: string;
  readonly expression: string;
}

interface DashboardFile {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

interface MonitoringReport {
  readonly queries: number;
  readonly rules: number;
  /** Panels that show nothing, which is right for what did not happen. */
  readonly empty: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Holds the dashboards and rules against a Prometheus that scrapes the running stack: every
 * expression is understood, every metric in it is one that a process declares, and every label of a
 * legend is one that the answer has.
 */
export async function checkMonitoring(prometheus: Prometheus): Promise<MonitoringReport> {
  const declared = await prometheus.declared();
  const undeclared = (where: string, expression: string) =>
    (expression.match(METRIC) ?? [])
      .filter((name) => !declared.has(name) && !declared.has(name.replace(PARTS, "")))
      .map((name) => `${where}: nothing exports ${name}`);

  const empty: string[] = [];
  const problems: string[] = [];
  const queries = dashboardQueries();
  for (const { where, legend, expression } of queries) {
    problems.push(...undeclared(where, expression));
    try {
      const answer = await prometheus.query(expression);
      if (answer.length === 0) empty.push(where);
      const labels = [...legend.matchAll(LEGEND_LABEL)].map(([, label = ""]) => label);
      const missing = labels.filter((label) => answer.some(({ metric }) => !(label in metric)));
      problems.push(...missing.map((label) => `${where}: the answer has no label ${label}`));
    } catch (error) {
      problems.push(`${where}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const rules = await prometheus.rules();
  for (const { name, query, health, lastError } of rules) {
    problems.push(...undeclared(name, query));
    if (health !== "ok") problems.push(`${name} is ${health}: ${lastError ?? "never evaluated"}`);
  }
  return { queries: queries.length, rules: rules.length, empty: [...new Set(empty)], problems };
}

function dashboardQueries(): Query[] {
  return globSync(`${DASHBOARDS}*.json`).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(file, "utf8")) as DashboardFile;
    return panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat }) => ({
        where: `${basename(file, ".json")}, ${title}`,
        legend: legendFormat,
        expression: expr,
      })),
    );
  });
}
