import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CHART, CHART_SOURCE, generatedAlerts, generatedChart } from "../src/generated-files.ts";
import { chartObjects } from "../src/helm/chart.ts";
import { findHelm, lintChart, renderChart } from "../src/helm/render.ts";
import { type KubernetesObject, nameOf, textAt } from "../src/kubernetes-object.ts";
import { buildFolder, findKustomize } from "../src/kustomize.ts";

const kustomize = await findKustomize();
const helm = await findHelm();
if (helm === null) console.log("skipped: helm is not installed");

describe("generated files", () => {
  it("carry the alerts that Prometheus reads in compose", async () => {
    for (const [path, text] of await generatedAlerts()) {
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  it.skipIf(kustomize === null)("are as the manifests have them", async () => {
    const files = await generatedChart(kustomize ?? []);
    for (const [path, text] of files) expect(await readFile(path, "utf8"), path).toBe(text);
    const templates = await readdir(join(CHART, "templates"));
    expect(templates).toHaveLength(files.size - 1);
  });
});

describe("braces that are Prometheus' own", () => {
  it("are still text in the YAML that Helm writes", async () => {
    const path = join(CHART, "templates/axial-prometheusrule.yaml");
    const template = await readFile(path, "utf8");
    const written = template.replaceAll('{{ "{{" }}', "{{").replaceAll(/^\{\{-.*\}\}$/gm, "");
    expect(written).toContain("{{ $labels.instance }} does not answer /metrics");
    expect(parse(written)).toHaveProperty("kind", "PrometheusRule");
  });
});

describe.skipIf(helm === null || kustomize === null)("the Helm chart", () => {
  let source: Map<string, KubernetesObject>;

  beforeAll(async () => {
    const objects = chartObjects(await buildFolder(CHART_SOURCE, kustomize ?? []));
    source = new Map(objects.map((object) => [nameOf(object), object]));
  });

  const render = async (...values: string[]) =>
    new Map(
      (await renderChart(helm ?? "", CHART, values)).map((object) => [nameOf(object), object]),
    );

  it("passes helm's own lint", async () => {
    expect(await lintChart(helm ?? "", CHART)).toContain("0 chart(s) failed");
  });

  it("renders to the very manifests when no value is changed", async () => {
    const rendered = await render();
    expect([...rendered.keys()].sort()).toEqual([...source.keys()].sort());
    for (const [name, object] of source) expect(rendered.get(name), name).toEqual(object);
  });

  it("leaves out what is switched off, and sets what KEDA no longer does", async () => {
    const rendered = await render("keda.enabled=false", "workerGpu.enabled=false");
    expect([...rendered.values()].filter(({ kind }) => kind === "ScaledObject")).toEqual([]);
    expect(rendered.has("Deployment axial-worker-gpu")).toBe(false);
    expect(rendered.get("Deployment axial-gateway")).toHaveProperty("spec.replicas", 2);
  });

  it("takes images from a registry and serves a host of one's own", async () => {
    const rendered = await render(
      "image.registry=registry.hospital.example/",
      "image.tag=9.9.9",
      "ingress.host=ai.hospital.example",
    );
    const gateway = rendered.get("Deployment axial-gateway");
    expect(textAt(gateway, "spec.template.spec.containers.0.image")).toBe(
      "registry.hospital.example/axial-service:9.9.9",
    );
    expect(textAt(rendered.get("Ingress axial"), "spec.rules.0.host")).toBe("ai.hospital.example");
  });
});
