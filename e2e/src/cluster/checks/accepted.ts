import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { assertNone, type Check, type Scene } from "../check.ts";

const DEPLOY = fileURLToPath(new URL("../../../../deploy/", import.meta.url));
/** External Secrets is not in this cluster. */
const UNKNOWN_KINDS = /no matches for kind "ExternalSecret"/;
/** Of the migrations' job, which kustomize names by its image's tag, dots included. */
const KNOWN_WARNING = /metadata\.name: this is used in Pod names.*a DNS label is recommended/;
/** Values on top of each other. */
const EXAMPLES = [
  [],
  ["production"],
  ["production", "gpu-mig"],
  ["production", "hpa-only"],
  ["production", "cloud"],
];
/** Where the chart is tried: it exists, and is empty. */
const NAMESPACE = "accepted";
/** That, and the overlays'. */
const NAMESPACES = [NAMESPACE, "axial"];

/** `kubectl apply --dry-run=server` of everything that is shipped: no rejection, no warning. */
export const accepted: Check = {
  name: "accepted",
  point: "accepted",
  shows:
    "`kubectl apply --dry-run=server --validate=strict` of overlays, examples and chart: no rejection, no warning",
  run: async (scene) => {
    // A namespace that a dry run only pretends to make cannot hold the objects after it.
    for (const name of NAMESPACES) {
      const labels = "{ pod-security.kubernetes.io/enforce: restricted }";
      await scene.cluster.apply(
        `{ apiVersion: v1, kind: Namespace, metadata: { name: ${name}, labels: ${labels} } }`,
      );
    }
    const overlays = await readdir(`${DEPLOY}k8s/overlays`);
    const folders = [...overlays.map((name) => `overlays/${name}`), "examples"];
    const problems: string[] = [];
    let objects = 0;
    for (const folder of folders) {
      const built = await scene.cluster.kubectl("kustomize", `${DEPLOY}k8s/${folder}`);
      objects += await dryRun(scene, { what: folder, manifest: built, problems });
    }
    for (const examples of EXAMPLES) {
      const values = examples.flatMap((name) => [
        "--values",
        `${DEPLOY}helm/examples/${name}.yaml`,
      ]);
      const { stdout } = await scene.cluster.helm(
        ...["template", "axial", `${DEPLOY}helm/axial`, "--namespace", NAMESPACE, ...values],
        ...["--kube-version", "1.34.0", "--skip-tests"],
      );
      const what = `chart ${examples.join(" + ") || "without values"}`;
      objects += await dryRun(scene, { what, manifest: stdout, problems });
    }
    assertNone("not accepted", problems);
    return `${objects} objects of ${folders.length} kustomizations and ${EXAMPLES.length} sets of values`;
  },
};

interface DryRun {
  readonly what: string;
  readonly manifest: string;
  readonly problems: string[];
}

/** How many objects were accepted; adds what was rejected or warned of to `problems`. */
async function dryRun({ cluster }: Scene, { what, manifest, problems }: DryRun): Promise<number> {
  const flags = ["apply", "--dry-run=server", "--validate=strict", "--filename", "-"];
  const { stdout, stderr } = await cluster
    .run("kubectl", flags, { input: manifest })
    .catch((error: Error) => ({ stdout: "", stderr: error.message }));
  for (const line of stderr.split("\n")) {
    const known = UNKNOWN_KINDS.test(line) || KNOWN_WARNING.test(line);
    const counts = line.trim() !== "" && !known && !/^ensure CRDs/.test(line);
    if (counts) problems.push(`${what}: ${line}`);
  }
  return stdout.split("\n").filter((line) => line.includes("dry run")).length;
}
