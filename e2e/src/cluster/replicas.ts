import { eventually } from "@axial/testkit";
import type { Cluster } from "./cluster.ts";

interface Deployment {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly readyReplicas?: number };
}

/** How many pods a deployment is to have. */
export async function wantedReplicas(cluster: Cluster, namespace: string, name: string) {
  return (await cluster.get<Deployment>("deployment", name, "--namespace", namespace)).spec
    .replicas;
}

interface Wait {
  readonly namespace: string;
  readonly name: string;
  readonly withinMs: number;
}

/** Resolves with the number once it is as asked; in seconds how long that took. */
export async function untilReplicas(
  cluster: Cluster,
  { namespace, name, withinMs }: Wait,
  asked: (replicas: number) => boolean,
): Promise<{ replicas: number; seconds: number }> {
  const began = Date.now();
  let last = -1;
  const replicas = await eventually(
    `${name} is scaled`,
    async () => {
      last = await wantedReplicas(cluster, namespace, name);
      return asked(last) ? { count: last } : null;
    },
    withinMs,
  ).catch(() => {
    throw new Error(`${name} stayed at ${last} for ${withinMs / 1_000} s`);
  });
  return { replicas: replicas.count, seconds: Math.round((Date.now() - began) / 1_000) };
}

/** Keeps a ScaledObject's target at so many pods; null lets KEDA scale again. */
export async function hold(
  cluster: Cluster,
  { namespace, name }: { namespace: string; name: string },
  replicas: number | null,
): Promise<void> {
  const annotation = "autoscaling.keda.sh/paused-replicas";
  const change = replicas === null ? `${annotation}-` : `${annotation}=${replicas}`;
  await cluster.kubectl("annotate", "scaledobject", name, change, "--overwrite", "-n", namespace);
}
