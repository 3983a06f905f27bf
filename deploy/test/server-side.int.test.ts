import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CLUSTER_PROGRAMS, eventually, needs } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { CHART } from "../src/generated-files.ts";
import { examples, findHelm, renderChart } from "../src/helm/render.ts";
import type { KubernetesObject } from "../src/kubernetes-object.ts";
import { buildFolder, findKustomize, KUBERNETES, overlays } from "../src/kustomize.ts";
import { type ApiServer, startApiServer } from "./kubernetes/api-server.ts";
import { Resources } from "./kubernetes/resources.ts";

const found = (pattern: string) => globSync(`${CLUSTER_PROGRAMS}/${pattern}`).toSorted().at(-1);
const etcd = found("programs/etcd-*/etcd");
const apiServer = found("programs/kube-apiserver-*/kube-apiserver");
const [helm, kustomize] = [await findHelm(), await findKustomize()];

/** Kinds of operators whose definitions are not at hand. */
const WITHOUT_DEFINITION = ["ExternalSecret"];
/**
 * The migrations' job is named by the tag of its image, dots included: kustomize cannot take them out, and
 * without a part of the tag two versions would share a job that cannot be changed.
 */
const KNOWN_WARNING = /^Job axial-migrations-\S+: .*a DNS label is recommended/;
const NAMESPACE = "axial";
const DRY_RUN = "?dryRun=All&fieldValidation=Strict&fieldManager=test";
const TEST_MS = 600_000;

function parsed(file: string): KubernetesObject[] {
  const documents = parseAllDocuments(readFileSync(file, "utf8"), { version: "1.1" });
  return documents.map((document) => document.toJS()).filter((object) => object !== null);
}

/** Axial's objects, by a real API server that has the operators' definitions. */
describe("a Kubernetes API server accepts without a warning", needs("kube-apiserver"), () => {
  let server: ApiServer;
  let resources: Resources;

  beforeAll(async () => {
    server = await startApiServer({ etcd: etcd ?? "", apiServer: apiServer ?? "" });
    resources = new Resources(server);
    const labels = { "pod-security.kubernetes.io/warn": "restricted" };
    const metadata = { name: NAMESPACE, labels };
    await resources.create({ apiVersion: "v1", kind: "Namespace", metadata });
    const files = [
      ...globSync(`${CLUSTER_PROGRAMS}/src/crds-*/**/*.yaml`),
      ...globSync(`${CLUSTER_PROGRAMS}/src/keda-config-*/crd/bases/*.yaml`),
    ];
    const definitions = files
      .flatMap(parsed)
      .filter(({ kind }) => kind === "CustomResourceDefinition");
    for (const definition of definitions) await resources.create(definition);
    await eventually("KEDA's kinds are served", async () => {
      const { status } = await server.call("GET", "/apis/keda.sh/v1alpha1");
      return status === 200;
    });
  }, TEST_MS);
  afterAll(() => server?.stop());

  async function problems(objects: readonly KubernetesObject[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const object of objects) {
      const name = `${object.kind} ${object.metadata.name}`;
      const namespaced = { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };
      // A pod is admitted only if its service account is there.
      const query = object.kind === "ServiceAccount" ? "" : DRY_RUN;
      const answer = await resources.create(namespaced, query);
      if (answer === null) {
        if (!WITHOUT_DEFINITION.includes(object.kind)) wrong.push(`${name}: unknown kind`);
        continue;
      }
      const taken = answer.status === 409 && ["Namespace", "ServiceAccount"].includes(object.kind);
      if (answer.status !== 201 && !taken) wrong.push(`${name}: ${String(answer.body.message)}`);
      wrong.push(...answer.warnings.map((warning) => `${name}: ${warning}`));
    }
    return wrong.filter((problem) => !KNOWN_WARNING.test(problem));
  }

  it.each([...overlays().map((name) => `overlays/${name}`), "examples"])(
    "%s",
    { ...needs("kustomize"), timeout: TEST_MS },
    async (folder) => {
      const objects = await buildFolder(join(KUBERNETES, folder), kustomize ?? []);
      expect(await problems(objects)).toEqual([]);
    },
  );

  it.each([[], ...examples().map((name) => ["production", name])])(
    "the chart with %j",
    { ...needs("helm"), timeout: TEST_MS },
    async (...values) => {
      const files = values.flat().filter((name) => name !== undefined);
      const objects = await renderChart(helm ?? "", CHART, { examples: files });
      expect(await problems(objects)).toEqual([]);
    },
  );
});
