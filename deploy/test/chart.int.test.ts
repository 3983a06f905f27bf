import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { needs } from "@axial/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../src/facts/facts.ts";
import { CHART, generatedFiles } from "../src/generated-files.ts";
import { examples, findHelm, lintChart, renderChart } from "../src/helm/render.ts";
import { at, type KubernetesObject, listAt, nameOf, ofKind } from "../src/kubernetes-object.ts";
import { buildOverlay, findKustomize } from "../src/kustomize.ts";
import { schemaProblems } from "../src/models.ts";
import { RULES } from "../src/rules/index.ts";
import { unknownFields } from "../src/strict-types.ts";
import { workloadsOf } from "../src/workloads.ts";

const kustomize = await findKustomize();
const helm = await findHelm();

/** Overlays, and the example values with which the chart is the same. */
const SAME: readonly (readonly [overlay: string, examples: readonly string[]])[] = [
  ["production", ["production"]],
  ["gpu-mig", ["production", "gpu-mig"]],
  ["hpa-only", ["production", "hpa-only"]],
];
/** Kinds of which no package ships schemas. */
const WITHOUT_SCHEMA = ["ExternalSecret"];
/** Rules that an example has a reason not to keep. */
const EXEMPT: Readonly<Record<string, string>> = {
  // What it stands on is to be named: without examples only pods by label are.
  "": "backingReachable",
  // A spot node goes before the last resort of 30 s; the drain of 10 s ends in time.
  cloud: "graceCoversShutdown",
};

/** Not what `helm test` makes for a moment. */
function isInstalled({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.["helm.sh/hook"] !== "test";
}

describe("generated files", () => {
  it("are as their sources have them", async () => {
    for (const [path, text] of await generatedFiles()) {
      expect(await readFile(path, "utf8"), path).toBe(text);
    }
  });
});

describe("the Helm chart", needs("helm"), () => {
  const render = (options: Parameters<typeof renderChart>[2] = {}) =>
    renderChart(helm ?? "", CHART, options);

  it("passes helm's own lint, with every example", async () => {
    expect(await lintChart(helm ?? "", CHART)).toContain("0 chart(s) failed");
    for (const example of examples()) {
      expect(await lintChart(helm ?? "", CHART, { examples: ["production", example] })).toContain(
        "0 chart(s) failed",
      );
    }
  });

  it.each(SAME)(
    "is the overlay %s with the values %j",
    needs("kustomize"),
    async (overlay, values) => {
      const ours = factsOf((await render({ examples: values })).filter(isInstalled));
      const theirs = factsOf(await buildOverlay(overlay, kustomize ?? []));
      expect(ours).toEqual(theirs);
    },
  );

  describe.each([[[]], ...SAME.map(([, values]) => [values]), [["production", "cloud"]]])(
    "with the examples %j",
    (values) => {
      let objects: KubernetesObject[];

      beforeAll(async () => {
        objects = (await render({ examples: values })).filter(
          ({ kind }) => !WITHOUT_SCHEMA.includes(kind),
        );
      });

      it("has objects that the schemas of Kubernetes and its extensions know", async () => {
        expect((await Promise.all(objects.map(schemaProblems))).flat()).toEqual([]);
      });

      it("has no field that its kind does not know", async () => {
        expect(await unknownFields(objects)).toEqual([]);
      });

      it.each(Object.keys(RULES).filter((name) => EXEMPT[values.at(-1) ?? ""] !== name))(
        "keeps the rule %s",
        (name) => {
          expect(RULES[name]?.(objects)).toEqual([]);
        },
      );
    },
  );

  it.each([
    ["gatway.replicas=3", "gatway"],
    ["pools[0].lanes={urgent}", "lanes"],
    ["image.registry=registry.example.org", "registry"],
  ])("refuses the value %s", async (value, named) => {
    await expect(render({ set: [value] })).rejects.toThrow(named);
  });

  it.each([
    [["ingress.enabled=true", "ingress.host=pacs.example"], "https://pacs.example"],
    [["gatewayApi.enabled=true", "gatewayApi.hostnames={axial.example}"], "https://axial.example"],
    [
      ["ingress.enabled=true", "config.AXIAL_PUBLIC_URL=https://x.example/a"],
      "https://x.example/a",
    ],
    [[], ""],
  ])("with %j names links after %s", async (set, address) => {
    const objects = await renderChart(helm ?? "", CHART, { set });
    const config = ofKind(objects, "ConfigMap").find((map) => nameOf(map).endsWith("-config"));
    expect(at(config, "data.AXIAL_PUBLIC_URL")).toBe(address);
  });

  it("takes what a house adds to pods, and rolls them when a setting changes", async () => {
    const extra = ["defaults.extraEnv[0].name=TZ", "defaults.extraEnv[0].value=Europe/Vienna"];
    const secrets = ["imagePullSecrets[0].name=registry", "defaults.nodeSelector.disk=ssd"];
    const objects = await render({ set: [...extra, ...secrets] });
    const pods = workloadsOf(objects).filter(({ object }) => object.kind === "Deployment");
    expect(pods.length).toBeGreaterThan(4);
    for (const { podSpec } of pods) {
      expect(podSpec).toMatchObject({
        nodeSelector: { disk: "ssd" },
        imagePullSecrets: [{ name: "registry" }],
      });
      expect(listAt(podSpec, "containers.0.env")).toContainEqual({
        name: "TZ",
        value: "Europe/Vienna",
      });
    }
    const checksums = (each: readonly KubernetesObject[]) =>
      ofKind(each, "Deployment").map((object) => at(object, "spec.template.metadata.annotations"));
    const louder = await render({ set: ["config.AXIAL_LOG_LEVEL=debug"] });
    expect(checksums(louder)).not.toEqual(checksums(objects));
  });

  it("has hooks that wait for nothing of the installation that comes after them", async () => {
    const objects = await render({ examples: ["production"] });
    const hook = ({ metadata }: KubernetesObject) => metadata.annotations?.["helm.sh/hook"] ?? "";
    const before = objects.filter((object) => hook(object).startsWith("pre-"));
    expect(before.map(({ kind }) => kind).toSorted()).toEqual(["Job", "ServiceAccount"]);
    expect(RULES.referencesExist?.(before)).toEqual([]);
    // Where External Secrets makes them with the release, nothing comes before it.
    const cloud = await render({ examples: ["production", "cloud"] });
    expect(cloud.filter((object) => hook(object).startsWith("pre-"))).toEqual([]);
  });

  it("lets the Gateway's pods reach what its routes lead to", async () => {
    const objects = await render({ examples: ["production", "cloud"] });
    const gateways = { "kubernetes.io/metadata.name": "gateways" };
    for (const name of ["axial-serve", "axial-take-associations"]) {
      const policy = ofKind(objects, "NetworkPolicy").find((each) => each.metadata.name === name);
      expect(listAt(policy, "spec.ingress.0.from"), name).toContainEqual({
        namespaceSelector: { matchLabels: gateways },
      });
    }
  });

  it("is installed twice in a cluster without a name in common", async () => {
    const all = { set: ["deletionCost.enabled=true"] };
    const first = await render({ ...all, release: "axial", namespace: "one" });
    const second = await render({ ...all, release: "axial", namespace: "two" });
    const names = (objects: readonly KubernetesObject[]) =>
      objects.map((object) => `${object.metadata.namespace ?? ""} ${nameOf(object)}`);
    const taken = new Set(names(first));
    expect(names(second).filter((name) => taken.has(name))).toEqual([]);
    expect(JSON.stringify(second)).not.toMatch(/"one"|\bone-axial|\.one\.svc|:one:/);
  });

  it("is upgraded to another tag without changing what cannot be changed", async () => {
    const before = await render({ set: ["image.tag=1.0.0"] });
    const after = await render({ set: ["image.tag=1.0.1"] });
    const selectors = (objects: readonly KubernetesObject[]) =>
      ofKind(objects, "Deployment").map((object) => at(object, "spec.selector"));
    expect(selectors(after)).toEqual(selectors(before));
    const jobs = ofKind(after, "Job");
    expect(
      jobs.map(({ metadata }) => metadata.annotations?.["helm.sh/hook-delete-policy"]),
    ).toEqual(["before-hook-creation"]);
    const template = await readFile(join(CHART, "templates/migrations.yaml"), "utf8");
    expect(template).toContain('(printf "%s-%d" $name .Release.Revision)');
  });
});
