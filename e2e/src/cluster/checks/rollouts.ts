import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { Check } from "../check.ts";
import { assertNone } from "../check.ts";
import type { Cluster, KubernetesObject } from "../cluster.ts";
import { createSecret, installChart, prepare } from "../installation.ts";
import { CHARTED, type Installation, SECOND } from "../installations.ts";
import { underLoad } from "../load.ts";
import { visiting } from "../visit.ts";
import { throughTheDoor } from "./served.ts";

const DEPLOY = fileURLToPath(new URL("../../../../deploy/", import.meta.url));
const IMAGE = "docker.io/library/axial-service";
const TAGS = ["0.1.1", "0.1.0"] as const;

/** Two upgrades in a row while studies come in. */
export const upgrade: Check = {
  name: "upgrade",
  point: "rollouts",
  shows:
    "`helm upgrade` to another tag and back under load, two versions side by side: nothing lost or doubled, no 5xx at the door",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      for (const tag of TAGS) await cluster.script("tag", `${IMAGE}:0.1.0`, `${IMAGE}:${tag}`);
      const seconds: number[] = [];
      const audit = await underLoad(visit, async () => {
        for (const tag of TAGS) {
          const began = Date.now();
          await installChart(cluster, CHARTED, [`image.tag=${tag}`]);
          seconds.push(Math.round((Date.now() - began) / 1_000));
          assertNone("after the upgrade", await podsOfOtherTags(cluster, CHARTED, tag));
        }
      });
      if (visit.front.failures !== "")
        throw new Error(`at the door: ${visit.front.failures}; ${audit}`);
      return `${seconds.join(" s and ")} s; ${visit.front.answered} answers without a 5xx; ${audit}`;
    }),
};

async function podsOfOtherTags(cluster: Cluster, { namespace }: Installation, tag: string) {
  const pods = await cluster.pods(namespace, "app.kubernetes.io/part-of=axial");
  return pods
    .filter(
      ({ metadata, status }) =>
        status.phase === "Running" &&
        metadata.labels?.["app.kubernetes.io/component"] !== "migrations",
    )
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/version"] !== tag)
    .map(({ metadata }) => `${metadata.name} is not of ${tag}`);
}

/** A second release of the same name in another namespace, beside the first. */
export const secondRelease: Check = {
  name: "second-release",
  point: "rollouts",
  shows: "a second release of the same name in another namespace: neither collides, and both serve",
  run: async ({ cluster }) => {
    await prepare(cluster, SECOND);
    const small = ["gateway", "results"].map((name) => `${name}.autoscaling.minReplicas=1`);
    await installChart(cluster, SECOND, [
      "console.enabled=false",
      ...small,
      "autoscaling.kind=none",
      "gateway.replicas=1",
      "results.replicas=1",
      "archive.replicas=1",
      "pools[0].replicas=1",
      "console.enabled=true",
    ]);
    const second = await visiting(cluster, SECOND, throughTheDoor);
    const first = await visiting(cluster, CHARTED, throughTheDoor);
    await cluster.helm("uninstall", SECOND.name, "--namespace", SECOND.namespace, "--wait");
    await cluster.kubectl("delete", "namespace", SECOND.namespace, "--wait=false");
    await visiting(cluster, CHARTED, throughTheDoor);
    return `the second: ${second}; the first beside it: ${first}; and after the second was uninstalled`;
  },
};

const ARGO_HOOK = "argocd.argoproj.io/hook";
const HELM_HOOK = "helm.sh/hook";
const ARGO_NAMESPACE: Installation = {
  name: "axial",
  namespace: "axial-argo",
  host: "argo.axial.test",
  queue: 4,
};

/** Argo CD's first phase, as its rules choose it from the rendered objects. */
export const argo: Check = {
  name: "argo",
  point: "rollouts",
  shows:
    "Argo CD's order: what its rules put into PreSync, of the chart and of the overlay `production`, completes before anything else is there",
  run: async ({ cluster }) => {
    await prepare(cluster, ARGO_NAMESPACE);
    const { namespace } = ARGO_NAMESPACE;
    await letServicesMigrate(cluster, namespace);
    await cluster.kubectl("delete", "job,serviceaccount", "--all", "-n", namespace);
    const values = ["--values", `${DEPLOY}helm/examples/production.yaml`];
    const chart = await cluster.helm(
      "template",
      "axial",
      `${DEPLOY}helm/axial`,
      "--namespace",
      namespace,
      ...values,
      "--set",
      "image.registry=",
      "--kube-version",
      "1.34.0",
    );
    const overlay = await cluster.kubectl("kustomize", `${DEPLOY}k8s/overlays/production`);
    const seen: string[] = [];
    for (const [what, manifest] of [
      ["chart", chart.stdout],
      ["overlay", overlay],
    ] as const) {
      const first = preSync(manifest).map((object) => moved(object, namespace));
      const list = { apiVersion: "v1", kind: "List", items: first };
      const text = JSON.stringify(list).replaceAll("registry.example.org/", "");
      await cluster.apply(text);
      const job = first.find(({ kind }) => kind === "Job")?.metadata.name;
      if (job === undefined) throw new Error(`${what}: no migration before everything else`);
      await cluster.kubectl(
        "wait",
        `job/${job}`,
        "-n",
        namespace,
        "--for=condition=complete",
        "--timeout=240s",
      );
      seen.push(`${what}: ${first.map(({ kind }) => kind).join(", ")}`);
      await cluster.kubectl("delete", "job,serviceaccount", "--all", "-n", namespace);
    }
    await cluster.kubectl("delete", "namespace", namespace, "--wait=false");
    return seen.join("; ");
  },
};

/** `production` has one role for everything: the one that may change the schema. */
async function letServicesMigrate(cluster: Cluster, namespace: string): Promise<void> {
  const secret = ["get", "secret", "axial-migrations", "-n", namespace, "-o"];
  const url = Buffer.from(await cluster.kubectl(...secret, "jsonpath={.data.url}"), "base64");
  const stringData = { url: url.toString() };
  await createSecret(cluster, { namespace, name: "axial-database", stringData });
}

/** Helm's hooks before an installation are PreSync too, ordered by weight; tests are not hooks of a sync. */
function preSync(manifest: string): KubernetesObject[] {
  const objects = parseAllDocuments(manifest, { version: "1.1" }).map(
    (document) => document.toJS() as KubernetesObject | null,
  );
  const weight = ({ metadata }: KubernetesObject) =>
    Number(
      metadata.annotations?.["argocd.argoproj.io/sync-wave"] ??
        metadata.annotations?.["helm.sh/hook-weight"] ??
        0,
    );
  return objects
    .filter((object) => object !== null)
    .filter(({ metadata }) => {
      const phases = metadata.annotations?.[ARGO_HOOK] ?? metadata.annotations?.[HELM_HOOK] ?? "";
      return /PreSync|pre-install/.test(phases);
    })
    .toSorted((one, other) => weight(one) - weight(other));
}

function moved(object: KubernetesObject, namespace: string): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}
