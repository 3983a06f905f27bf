import { readFileSync } from "node:fs";
import { createMetrics } from "@axial/kit";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DASHBOARDS } from "../src/grafana/dashboards.ts";
import { dashboardJson } from "../src/grafana/panel.ts";

const file = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

const alerts = (parse(file("prometheus/alerts.yaml")) as Rules).groups.flatMap(({ rules }) =>
  rules.map(({ expr }) => expr),
);
const queries = Object.values(DASHBOARDS).flatMap(({ panels }) =>
  panels.flatMap((panel) => panel.queries.map(([, expression]) => expression)),
);

describe("what Prometheus and Grafana are asked", () => {
  const known = new Set(
    createMetrics("test")
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  );

  it.each([
    ["alerts", alerts],
    ["dashboards", queries],
  ])("%s name metrics that Axial has", (_name, expressions) => {
    const asked = expressions.flatMap((text) => text.match(/\baxial_[a-z0-9_]+/g) ?? []);
    const unknown = asked.filter((name) => !known.has(name.replace(/_(bucket|count|sum)$/, "")));
    expect(asked.length).toBeGreaterThan(5);
    expect(unknown).toEqual([]);
  });

  it.each(Object.entries(DASHBOARDS))("dashboard %s is as written by grafana/write.ts", (name) => {
    const dashboard = DASHBOARDS[name];
    expect(dashboard).toBeDefined();
    if (dashboard === undefined) return;
    expect(JSON.parse(file(`grafana/dashboards/${name}.json`))).toEqual(dashboardJson(dashboard));
  });
});
