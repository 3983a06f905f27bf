import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Check } from "../check.ts";
import { awaitRollouts, createSecret, prepare } from "../installation.ts";
import { OVERLAID } from "../installations.ts";
import { postJson, visiting } from "../visit.ts";
import { throughTheDoor } from "./served.ts";

const FOLDER = fileURLToPath(new URL("../../../cluster/", import.meta.url));

/** The kustomizations' base with the components of `production`, without devices. */
export const overlay: Check = {
  name: "overlay",
  point: "rollouts",
  shows:
    "`kubectl apply -k` of the base with the components of `production`, CPU workers, in its own namespace; another tag afterwards",
  run: async ({ cluster }) => {
    await prepare(cluster, OVERLAID);
    await cluster.kubectl("apply", "-k", `${FOLDER}overlay`);
    const { namespace } = OVERLAID;
    await awaitRollouts(cluster, namespace);
    await visiting(cluster, OVERLAID, async (visit) => {
      const body = { name: "keda", role: "reader", tenant: "default" };
      const { key } = await postJson<{ key: string }>(visit, "/api/v1/keys", body);
      await createSecret(cluster, { namespace, name: "axial-scaling", stringData: { key } });
    });
    const first = await visiting(cluster, OVERLAID, throughTheDoor);
    await applyTag("0.1.1", (folder) => cluster.kubectl("apply", "-k", folder));
    await awaitRollouts(cluster, OVERLAID.namespace);
    const second = await visiting(cluster, OVERLAID, throughTheDoor);
    const scaled = await cluster.kubectl(
      "get",
      "scaledobjects",
      "-n",
      OVERLAID.namespace,
      "-o",
      'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
    );
    return `${first}; after another tag: ${second}; ScaledObjects ready: ${scaled}`;
  },
};

/** The overlay with another tag of the image, in a folder of its own beside it. */
async function applyTag(tag: string, apply: (folder: string) => Promise<string>): Promise<void> {
  const folder = await mkdtemp(join(FOLDER, "tag-"));
  try {
    const text = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../overlay]
images: [{ name: axial-service, newTag: ${tag} }]
replacements:
  - source: { kind: Job, fieldPath: spec.template.spec.containers.0.image, options: { delimiter: ":", index: 1 } }
    targets: [{ select: { kind: Job }, fieldPaths: [metadata.name], options: { delimiter: "-", index: 2 } }]
`;
    await writeFile(join(folder, "kustomization.yaml"), text);
    await apply(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
