import { startBacking } from "./backing.ts";
import { CLUSTER_FOLDER, type Cluster } from "./cluster.ts";
import { runCommand } from "./command.ts";

const ADD_ONS = ["crds", "metrics-server", "keda", "monitoring"];
const SERVICE_IMAGE = "axial-service:0.1.0";
/** Images of servers, with the tags that the manifests name. */
const SERVER_IMAGES = [
  "postgres:18.4-trixie",
  "redis:8.2.3",
  "versity/versitygw:v1.8.0",
  "prom/prometheus:v3.5.1",
  "haproxy:3.2.25",
];

interface Step {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** From nothing to a cluster with all that Axial stands on; each step does nothing where it is done. */
export function stage(cluster: Cluster): readonly Step[] {
  return [
    { name: "build", run: () => cluster.script("build") },
    { name: "up", run: () => cluster.script("up") },
    { name: "images", run: () => loadImages(cluster) },
    ...ADD_ONS.map((name) => ({ name: `add ${name}`, run: () => cluster.script("add", name) })),
    { name: "servers", run: () => startBacking(cluster) },
  ];
}

/** Takes the images out of this machine's Docker, where `npm run images` made them. */
async function loadImages(cluster: Cluster): Promise<void> {
  const listed = await cluster.script(
    "node",
    "2",
    "ctr",
    "--namespace",
    "k8s.io",
    "images",
    "list",
    "--quiet",
  );
  for (const image of [SERVICE_IMAGE, ...SERVER_IMAGES]) {
    if (listed.split("\n").some((name) => name.endsWith(`/${image}`))) continue;
    const file = `${CLUSTER_FOLDER}/images/${image.replace(/[/:]/g, "_")}.tar`;
    await runCommand("docker", ["save", "--output", file, image]);
    await cluster.script("load", file);
  }
}
